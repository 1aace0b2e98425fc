/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

/*
 * Preloaded into a program, has it find its messages below CATALOGUES_BELOW, as they were installed with
 * that DESTDIR: the programs are the built ones, which look where they are going to be installed.
 */

#include <dlfcn.h>
#include <libintl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

char *
bindtextdomain(const char *domain, const char *directory)
{
    char *(*real)(const char *, const char *);
    const char *below = getenv("CATALOGUES_BELOW");
    char path[PATH_MAX];

    *(void **)&real = dlsym(RTLD_NEXT, "bindtextdomain");
    if (!real || !below || !directory ||
        (size_t)snprintf(path, sizeof(path), "%s%s", below, directory) >= sizeof(path))
        abort();
    return real(domain, path);
}
