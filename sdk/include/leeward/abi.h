/* leeward/abi.h - the ground the plugin interface stands on: versions, leaf types, outcome codes.
 *
 * Pure C99; needs <stddef.h> and <stdint.h> only.
 *
 * THE RULES, frozen for major version 1. Plugin and host both keep them.
 *  R1  One exported symbol: lw_plugin_entry_v1. A breaking change is a new symbol (_v2), never an edit.
 *  R2  Every struct that crosses starts with `size`, its sizeof as the WRITER compiled it. Fields are only appended;
 *      the reader asks LW_HAS(T, p, field) before it reads a field that came after version 1.0. No struct ends in
 *      padding: an appended field would lie in what older writers counted, but never set. Arrays of structs carry a
 *      stride.
 *  R3  Nobody frees the other's memory. Text is borrowed (lw_str), values are reference-counted buffers (lw_buf).
 *  R4  No exception, longjmp or thread cancellation crosses, in either direction.
 *  R5  All text is UTF-8. Every value is one UTF-8 JSON text (RFC 8259).
 *  R6  A library is never unloaded: static data of a plugin lives as long as the process.
 *  R7  Enumerations travel as int32_t or uint32_t; an unknown value must be tolerated. A new flag's 0 means what was so
 *      before it came.
 *  R8  Leaf types (lw_str, lw_buf, the public part of lw_task) are frozen: they carry no size.
 *  R9  A plugin never calls exit, fork, setenv, setlocale, chdir or signal, and its own threads end in shutdown().
 *
 * Thread marks on every function: [host] one host thread, never two at once; [task] the thread inside execute(), or
 * whichever thread holds the deferred task; [any] any thread, at any time, several at once. */
#ifndef LEEWARD_ABI_H
#define LEEWARD_ABI_H

#include <stddef.h>
#include <stdint.h>

#define LW_ABI_MAJOR 1u
#define LW_ABI_MINOR 1u
#define LW_ABI_VERSION ((LW_ABI_MAJOR << 16) | LW_ABI_MINOR)

#if defined(_WIN32)
#define LW_EXPORT __declspec(dllexport)
#else
#define LW_EXPORT __attribute__((visibility("default")))
#endif

/* Does the struct behind `p`, as its writer compiled it, have `field`? (R2) To ask whether a struct is whole, name the
 * last field of version 1.0: sizeof grows with the headers, and would refuse what older writers made. */
#define LW_HAS(T, p, field) ((p)->size >= LW_SIZE_UP_TO(T, field))
/* The size of T up to and including `field`. */
#define LW_SIZE_UP_TO(T, field) (offsetof(T, field) + sizeof(((T*)0)->field))

#ifdef __cplusplus
extern "C" {
#endif

/* Text that is lent: need not end in NUL; `ptr` may be NULL when `len` is 0. */
typedef struct lw_str {
  const char* ptr;
  size_t len;
} lw_str;

/* An immutable value with a reference count that the host keeps behind it (R3). Never build one yourself. */
typedef struct lw_buf {
  const char* data;
  size_t size;
} lw_buf;

/* How an attempt ended (0..15), or what a host function answers (0, 16..). */
typedef int32_t lw_code;
enum {
  LW_OK = 0,
  LW_DEFERRED = 1,   /* from execute() only: complete() will follow, from any thread                       */
  LW_SKIP = 2,       /* the task is skipped                                                                */
  LW_RETRY = 3,      /* failed; may be tried again, which uses up a retry                                  */
  LW_FAIL = 4,       /* failed for good, however many retries are left                                     */
  LW_RESCHEDULE = 5, /* not ready: run again after error.retry_after_ms; uses up no retry                  */
  LW_CANCELLED = 6,  /* stopped because the host asked                                                     */

  LW_NOT_FOUND = 16, /* no such key, connection, operator                                                  */
  LW_AGAIN = 17,     /* back-pressure: slow down, the call had no effect                                   */
  LW_DENIED = 18,    /* this plugin or task may not                                                        */
  LW_INVALID = 19    /* bad argument: NULL, not UTF-8, not JSON                                            */
};

/* Levels of a log line. */
enum { LW_LOG_TRACE = 0, LW_LOG_DEBUG = 1, LW_LOG_INFO = 2, LW_LOG_WARN = 3, LW_LOG_ERROR = 4 };

/* Why an attempt did not succeed. Copied by whoever receives it. */
typedef struct lw_error {
  uint32_t size;
  int32_t http_status;    /* 0: none                                                                       */
  int64_t retry_after_ms; /* -1: the host's own delay                                                      */
  lw_str type;            /* stable machine id: "llm.rate_limited"                                         */
  lw_str message;         /* one line for people                                                           */
  lw_str details_json;    /* a JSON object, or empty                                                       */
} lw_error;

#ifdef __cplusplus
}
#endif
#endif
