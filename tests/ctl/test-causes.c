/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

/*
 * The causes of virt-aa-ctl why. Without arguments prints each message of the table, a line each, with its
 * cause's number; with --of MESSAGE the word of what cause_of() makes of it. test-causes.py judges.
 */

#include <stdio.h>
#include <string.h>

#include "ctl/cause-messages.h"

int
main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "--of") == 0) {
        CauseId id = cause_of(argv[2]);

        puts(id == CAUSE_NONE ? "none" : cause_get(id)->word);
        return 0;
    }
    for (gsize i = 0; i < cause_n_messages; i++) {
        g_autofree char *line = g_strescape(cause_messages[i].id, "\"");

        /* as bytes: g_strescape() writes what is no ASCII in octal */
        printf("%d %s\n", cause_messages[i].cause != CAUSE_NONE, line);
    }
    for (CauseId id = CAUSE_UNKNOWN; id < N_CAUSES; id++) {
        const Cause *cause = cause_get(id);

        if (!cause->word || !cause->text)
            return 1;
    }
    return 0;
}
