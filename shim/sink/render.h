// A record as one line of JSON, or as text for people.
#pragma once

#include "base/text.h"
#include "record/record.h"

namespace axshim {

// Both leave cleanups out, and say that they did, once `limit` bytes are reached. Signal-safe.
void render_json(const Record &, size_t limit, Text &out);
void render_text(const Record &, size_t limit, Text &out);

}  // namespace axshim
