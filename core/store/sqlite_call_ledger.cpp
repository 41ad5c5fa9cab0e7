#include "core/store/sqlite_call_ledger.hpp"

#include <memory>
#include <utility>

#include "core/store/call_rows.hpp"

namespace leeward {

void SqliteCallLedger::intend(CallKey key, std::function<void(Result<Standing>)> then) {
  const auto standing = std::make_shared<Standing>();
  writer_.submit(
      [key = std::move(key), standing](SqliteDb& db) -> Status {
        auto stands = intend_call(db, key);
        if (!stands) return std::move(stands).error();
        *standing = std::move(stands).value();
        return done();
      },
      [standing, then = std::move(then)](const Status& recorded) {
        if (!recorded) return then(recorded.error());
        then(std::move(*standing));
      });
}

void SqliteCallLedger::answered(CallKey key, CallAnswer answer, std::function<void(Status)> then) {
  writer_.submit(
      [key = std::move(key), answer = std::move(answer)](SqliteDb& db) { return answer_call(db, key, answer); },
      std::move(then));
}

void SqliteCallLedger::not_made(CallKey key) {
  writer_.submit([key = std::move(key)](SqliteDb& db) { return take_call_back(db, key); }, [](const Status&) {});
}

}  // namespace leeward
