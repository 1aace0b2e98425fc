/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

/*
 * Puts every file of the directories that are its arguments through a fuzz target.
 *
 *   --list       prints the oracles of the target instead, numbered
 *   --plant N    the N-th oracle fails
 *   --trap       ends as GLib does where it finds no memory
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz/fuzz.h"

/* by the linker, around the section of that name */
extern const FuzzOracle *const __start_fuzz_oracles[];
extern const FuzzOracle *const __stop_fuzz_oracles[];

static guint
replay_dir(const char *path)
{
    g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
    const char *name;
    guint count = 0;

    if (!dir) {
        fprintf(stderr, "cannot open %s\n", path);
        return 0;
    }
    while ((name = g_dir_read_name(dir)) != NULL) {
        g_autofree char *file = g_build_filename(path, name, NULL);
        g_autofree char *data = NULL;
        gsize len;

        if (!g_file_get_contents(file, &data, &len, NULL)) {
            fprintf(stderr, "cannot read %s\n", file);
            return 0;
        }
        printf("%s\n", file);
        fflush(stdout); /* the last line names the input that a crash comes from */
        LLVMFuzzerTestOneInput((const guint8 *)data, len);
        count++;
    }
    return count;
}

static int
list(void)
{
    for (const FuzzOracle *const *at = __start_fuzz_oracles; at != __stop_fuzz_oracles; at++)
        printf("%d %s:%d: %s\n", (int)(at - __start_fuzz_oracles), (*at)->file, (*at)->line,
               (*at)->condition);
    return EXIT_SUCCESS;
}

int
main(int argc, char **argv)
{
    int i = 1;

    LLVMFuzzerInitialize(&argc, &argv);
    if (argc > 1 && strcmp(argv[1], "--list") == 0)
        return list();
    if (argc > 1 && strcmp(argv[1], "--trap") == 0)
        g_error("%s", argv[1]);
    if (argc > 2 && strcmp(argv[1], "--plant") == 0) {
        fuzz_planted = __start_fuzz_oracles[atoi(argv[2])];
        i = 3;
    }
    if (i == argc)
        return EXIT_FAILURE;
    for (; i < argc; i++)
        if (replay_dir(argv[i]) == 0)
            return EXIT_FAILURE;
    return EXIT_SUCCESS;
}
