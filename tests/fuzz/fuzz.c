/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "fuzz/fuzz.h"

#include <signal.h>

const FuzzOracle *fuzz_planted;

void
fuzz_fail(const FuzzOracle *oracle, const char *text)
{
    fprintf(stderr, "%s:%d: not true: %s: %s\n", oracle->file, oracle->line, oracle->condition,
            text ? text : "");
    abort();
}

static void G_GNUC_NORETURN
on_trap(int number G_GNUC_UNUSED)
{
    abort();
}

/* GLib ends a process by SIGTRAP, at which libFuzzer keeps no input; and what GLib says was called wrongly is
 * as good as an oracle. */
int
LLVMFuzzerInitialize(int *argc G_GNUC_UNUSED, char ***argv G_GNUC_UNUSED)
{
    signal(SIGTRAP, on_trap);
    g_log_set_always_fatal(G_LOG_FATAL_MASK | G_LOG_LEVEL_CRITICAL | G_LOG_LEVEL_WARNING);
    return 0;
}
