// A tally as two tables for people.
#pragma once

#include <string>

#include "tool/names.h"
#include "tool/tally.h"

namespace axshim::tool {

// What lost most stands first.
std::string as_text(Tally &, Names &, bool colours);

}  // namespace axshim::tool
