#pragma once
#include <crypt.h>
#include <stddef.h>

#ifdef __linux__
// GNU-only, and invisible through Swift's Glibc module; defining _GNU_SOURCE here would break other modules.
extern void explicit_bzero(void *, size_t);
#endif
