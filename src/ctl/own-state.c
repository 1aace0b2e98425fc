/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "ctl/own-state.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/io.h"
#include "base/limits.h"

void
own_state_clear(OwnState *own)
{
    g_free(own->include);
    g_free(own->rules);
}

void
own_state_read(const char *apparmor_dir, const char *profile, OwnState *own)
{
    g_autofree char *rules = g_build_filename(apparmor_dir, "local", profile, NULL);
    g_autofree char *complain = g_build_filename(apparmor_dir, "force-complain", profile, NULL);

    *own = (OwnState){.include = g_strconcat("local/", profile, NULL)};
    own->has_rules = access(rules, F_OK) == 0;
    own->complain = access(complain, F_OK) == 0;
    if (own->has_rules)
        base_read_file_at(AT_FDCWD, rules, LIMIT_FILE_BYTES, &own->rules, NULL, NULL);
}
