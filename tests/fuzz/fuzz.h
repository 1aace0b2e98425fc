/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* What must hold, or the input is one to keep: libFuzzer keeps it at SIGABRT, not at g_error()'s SIGTRAP. */
#define FUZZ_REQUIRE(condition, text)                                \
    do {                                                             \
        if (!(condition)) {                                          \
            fprintf(stderr, "not true: %s: %s\n", #condition, text); \
            abort();                                                 \
        }                                                            \
    } while (0)

/* What a fuzz target defines: libFuzzer calls it with inputs of its own, replay.c with those of files. */
int LLVMFuzzerTestOneInput(const guint8 *data, gsize size);
