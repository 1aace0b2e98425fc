/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

/*
 * policy-within INNER OUTER NAMES: what the compiled policy of the file INNER allows that neither that of OUTER
 * does nor a name of NAMES: PROFILE, LETTERS and PATH, each with a NUL at its end.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/dfa-within.h"

static DfaPolicy *
read_policy(const char *path, GError **error)
{
    g_autofree char *bytes = NULL;
    gsize len;

    return g_file_get_contents(path, &bytes, &len, error) ? dfa_policy_new(bytes, len, error)
                                                          : NULL;
}

static guint32
mask_of(const char *letters)
{
    guint32 mask = 0;

    for (guint32 bit = 1; bit <= DFA_ALL; bit <<= 1) {
        g_autofree char *letter = dfa_letters(bit);

        if (*letter && strchr(letters, *letter))
            mask |= bit;
    }
    return mask;
}

static DfaNames *
names_of(const char *profile, const char *text, gsize len)
{
    DfaNames *names = dfa_names_new();
    const char *end = text + len;

    while (text < end) {
        const char *letters = text + strlen(text) + 1;
        const char *path = letters + strlen(letters) + 1;

        if (strcmp(text, profile) == 0)
            dfa_names_add(names, path, mask_of(letters));
        text = path + strlen(path) + 1;
    }
    return names;
}

static int
check(DfaPolicy *inner, DfaPolicy *outer, const char *text, gsize len, GError **error)
{
    int status = EXIT_SUCCESS;

    for (const char *const *profile = dfa_policy_names(inner); *profile; profile++) {
        g_autoptr(DfaNames) names = names_of(*profile, text, len);
        g_autoptr(GPtrArray) found = dfa_policy_within(inner, outer, *profile, names, error);

        if (!found)
            return EXIT_FAILURE;
        for (guint i = 0; i < found->len; i++) {
            printf("%s: %s\n", *profile, (const char *)g_ptr_array_index(found, i));
            status = EXIT_FAILURE;
        }
    }
    return status;
}

int
main(int argc, char **argv)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(DfaPolicy) inner = argc == 4 ? read_policy(argv[1], &error) : NULL;
    g_autoptr(DfaPolicy) outer = inner ? read_policy(argv[2], &error) : NULL;
    g_autofree char *text = NULL;
    gsize len;
    int status = EXIT_FAILURE;

    if (outer && g_file_get_contents(argv[3], &text, &len, &error))
        status = check(inner, outer, text, len, &error);
    if (error)
        fprintf(stderr, "%s\n", error->message);
    return status;
}
