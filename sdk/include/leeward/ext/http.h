/* leeward/ext/http.h - "leeward.http/1": the host's HTTP client, shared by all plugins.
 *
 * Connections, TLS, proxies, limits and credentials are the host's business. A request names a connection and a path;
 * the host adds the base address and the credentials, so that no plugin sees a key. Redirects are never followed.
 * Nothing is retried here. The request belongs to the task and is cancelled with it. */
#ifndef LEEWARD_EXT_HTTP_H
#define LEEWARD_EXT_HTTP_H

#include <leeward/host.h>

#ifdef __cplusplus
extern "C" {
#endif

#define LW_EXT_HTTP "leeward.http/1"

/* lw_http_request.flags */
enum {
  /* It costs money. A paid request is never sent again once its answer is recorded: the host records that it will be
   * sent before it goes out, and what came of it before on_done is called. When a crash of the host interrupts the
   * attempt, the attempt is started again, and asking the same again gets the recorded answer, by the same callbacks,
   * on_chunk too. What was sent and not answered by then is sent again, and counted as a possible duplicate.
   * So ask the same when started again: everything but the timeouts tells requests apart, and a time or a random
   * number in one of them makes it another. The next try of the task asks anew. Pieces given to on_chunk are not
   * recorded yet: show them as progress, and decide nothing before on_done. Where a record cannot be written, nothing
   * is sent, or the answer is withheld: http.not_recorded. */
  LW_HTTP_PAID = 1,
  /* Of a paid request: send an Idempotency-Key header, the same one if it is sent again, made from the names of run
   * and task and the number of the call, and from nothing that the request says. */
  LW_HTTP_IDEMPOTENCY_KEY = 2
};

/* The call: every timeout in milliseconds, 0 for the host's default. */
typedef struct lw_http_request {
  uint32_t size;
  uint32_t connect_timeout_ms;    /* until connected, TLS included; default 10 s                           */
  uint32_t first_byte_timeout_ms; /* from the sent request to the first byte of the answer; default 60 s   */
  uint32_t idle_timeout_ms;       /* between two pieces of the body; default 30 s                          */
  uint32_t total_timeout_ms;      /* everything; default 600 s                                             */
  uint32_t reserved;
  uint64_t max_body_bytes; /* of the decoded body; 0: 16 MiB                                        */
  lw_str method;           /* "POST"                                                                */
  lw_str connection_id;    /* "llm_default"; empty: `url` is absolute and goes out without credentials */
  lw_str url;              /* path below the connection's base_url, "/chat/completions"; or absolute */
  lw_str headers_json;     /* {"name": "value", ...}, or empty                                      */
  lw_str body;
  uint64_t flags; /* LW_HTTP_...; without the field: 0                                     */
} lw_http_request;

typedef struct lw_http_response {
  uint32_t size;
  int32_t status;      /* 0: no answer arrived                                                            */
  lw_str headers_json; /* names in lower case; of a repeated header the last                              */
  lw_str body;         /* whole; empty if on_chunk took it                                                */
  const lw_error*
      error; /* NULL: the answer arrived whole, whatever its status. Else why not: type http.connect,
               http.tls, http.timeout.connect|first_byte|idle|total, http.reset, http.truncated,
               http.malformed, http.too_large, http.cancelled, http.invalid, http.proxy; http.not_recorded */
} lw_http_response;

/* Called on a host thread, one at a time for one request; everything is borrowed for the length of the call. Keep them
 * short: no waiting. */
typedef struct lw_http_callbacks {
  uint32_t size;
  uint32_t reserved;
  /* A piece of a 2xx body, as it arrives; pieces end anywhere, also inside a character. NULL: the body is gathered.
   * The body of any other status is always gathered. */
  void (*on_chunk)(void* arg, lw_str piece);
  /* Exactly once, last, for each send() that returned LW_OK. Never from inside send(), but on its own thread perhaps
   * before send() has returned: what it needs must be in place by then. */
  void (*on_done)(void* arg, const lw_http_response*);
  void* arg;
} lw_http_callbacks;

typedef struct lw_http {
  uint32_t size;
  uint32_t reserved;
  /* [task] Everything is copied. LW_OK: on_done will follow, and the task must be held until then. Otherwise, after
   * task->set_error(): LW_NOT_FOUND no such connection, LW_INVALID a request that cannot be sent. */
  lw_code (*send)(lw_task*, const lw_http_request*, const lw_http_callbacks*);
} lw_http;

#ifdef __cplusplus
}
#endif
#endif
