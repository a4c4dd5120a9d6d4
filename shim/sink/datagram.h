// The system's logs, each behind a datagram socket at a path of its own.
#pragma once

#include <string_view>

namespace axshim {

// One datagram for each line of the record, as RFC 3164 has it. -errno where it can't be sent. Signal-safe.
long send_to_syslog(std::string_view record, bool clean);

// One datagram in journald's native protocol. -errno where it can't be sent. Signal-safe.
long send_to_journald(std::string_view record, bool clean);

}  // namespace axshim
