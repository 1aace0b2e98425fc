/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/*
 * What must hold, or the input is one to keep: libFuzzer keeps it at SIGABRT. Each oracle has an entry in a
 * section of its own, by which replay.c can list all of a target, and make one of them fail (oracles.py).
 */
typedef struct {
    const char *file;
    int line;
    const char *condition;
} FuzzOracle;

#define FUZZ_REQUIRE(condition, text)                                                              \
    do {                                                                                           \
        static const FuzzOracle fuzz_oracle = {__FILE__, __LINE__, #condition};                    \
        static const FuzzOracle *const fuzz_entry __attribute__((section("fuzz_oracles"), used)) = \
            &fuzz_oracle;                                                                          \
                                                                                                   \
        if (fuzz_planted == fuzz_entry)                                                            \
            fuzz_fail(&fuzz_oracle, "planted");                                                    \
        if (!(condition))                                                                          \
            fuzz_fail(&fuzz_oracle, text);                                                         \
    } while (0)

/* The oracle that fails whatever is so, or NULL. */
extern const FuzzOracle *fuzz_planted;

void G_GNUC_NORETURN fuzz_fail(const FuzzOracle *oracle, const char *text);

/* What a fuzz target defines: libFuzzer calls it with inputs of its own, replay.c with those of files. */
int LLVMFuzzerTestOneInput(const guint8 *data, gsize size);

/* What libFuzzer calls first, and replay.c too. */
int LLVMFuzzerInitialize(int *argc, char ***argv);
