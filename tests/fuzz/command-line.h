/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <string.h>

#include "fuzz/fuzz.h"
#include "launcher/arguments.h"
#include "virtiofsd/option.h"

/* Whether what follows "-o" decides anything that is not an administrator's, read in either way. */
static inline bool
fuzz_is_decided(const char *list, bool doubled)
{
    OptionPart part;

    while (option_next_part(&list, doubled, &part))
        if (part.kind == OPTION_SHARE || part.kind == OPTION_SANDBOX || part.kind == OPTION_UNKNOWN)
            return true;
    return false;
}

static inline void
fuzz_check_added(char *const extra[])
{
    int count = 0;

    while (extra && extra[count])
        count++;
    for (int at = 0; at < count;) {
        Occurrence found = option_read(count, extra, at);

        FUZZ_REQUIRE(extra[at][0] == '-', extra[at]);
        FUZZ_REQUIRE(found.kind != OPTION_SHARE && found.kind != OPTION_SANDBOX, extra[at]);
        FUZZ_REQUIRE(found.kind != OPTION_FD && found.kind != OPTION_IDMAP, extra[at]);
        FUZZ_REQUIRE(found.kind != OPTION_RESERVED && found.kind != OPTION_QUERY, extra[at]);
        if (found.kind == OPTION_COMPAT)
            FUZZ_REQUIRE(!fuzz_is_decided(found.value, false) &&
                             !fuzz_is_decided(found.value, true),
                         found.value);
        at += found.used;
    }
}

/*
 * The command line that the launcher makes of @arguments and what is added to them, read as virtiofsd would
 * read it: one directory, the resolved one; a chroot; the socket and the rest as libvirt gave them.
 */
static inline void
fuzz_check_command_line(const Arguments *arguments, char *const extra[])
{
    char **built = arguments_build(arguments, "V", "/r", extra);
    AUTO_ARGUMENTS Arguments again = ARGUMENTS_INIT;
    Failure failure = {.text = ""};
    g_autofree char *line = g_strjoinv(" ", built);

    FUZZ_REQUIRE(arguments_parse((int)g_strv_length(built), built, &again, &failure), line);
    FUZZ_REQUIRE(g_strcmp0(again.share, "/r") == 0, line);
    FUZZ_REQUIRE(g_strcmp0(again.sandbox, "chroot") == 0, line);
    FUZZ_REQUIRE(again.compat == arguments->compat, line);
    FUZZ_REQUIRE(again.fd == arguments->fd, line);
    FUZZ_REQUIRE(again.idmap == arguments->idmap, line);
    FUZZ_REQUIRE(again.readonly || !arguments->readonly, line);
    FUZZ_REQUIRE(again.file_handles || again.compat, line);
    fuzz_check_added(extra);
    arguments_free_built(&built);
}
