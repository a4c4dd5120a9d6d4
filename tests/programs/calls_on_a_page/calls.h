#pragma once

void call(const char *name);
