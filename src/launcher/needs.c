/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "launcher/needs.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "virtiofsd/option.h"

static void
read_descriptors(const char *text, Needs *needs)
{
    char *end = NULL;

    if (text[0] < '0' || text[0] > '9')
        return;
    errno = 0;
    needs->descriptors = strtoull(text, &end, 10);
    needs->descriptors_given = errno == 0 && *end == '\0';
}

/* @value: (nullable): ended by a NUL, where the kind has one that counts here */
static void
take(OptionKind kind, const char *value, Needs *needs)
{
    if (kind == OPTION_XATTR)
        needs->xattr = true;
    else if (kind == OPTION_MODCAPS)
        needs->capabilities = true;
    else if (kind == OPTION_FILE_HANDLES && value && strcmp(value, "never") != 0)
        needs->file_handles = true;
    else if (kind == OPTION_DESCRIPTORS && value)
        read_descriptors(value, needs);
}

static void
take_parts(const char *list, Needs *needs)
{
    OptionPart part;

    while (option_next_part(&list, false, &part)) {
        /* what follows the directory is its name and the sandbox: see arguments_build() */
        if (part.kind == OPTION_SHARE)
            return;
        take(part.kind, NULL, needs);
    }
}

Needs
needs_read(char *const argv[])
{
    Needs needs = {.xattr = false};
    int count = 0;

    while (argv[count])
        count++;
    for (int at = 1; at < count;) {
        Occurrence found = option_read(count, argv, at);

        if (found.kind == OPTION_COMPAT && found.value)
            take_parts(found.value, &needs);
        else
            take(found.kind, found.value, &needs);
        at += found.used;
    }
    return needs;
}
