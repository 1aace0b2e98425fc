/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

/* Puts every file of the directories that are its arguments through a fuzz target. */

#include <stdio.h>
#include <stdlib.h>

#include "fuzz/fuzz.h"

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

int
main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        if (replay_dir(argv[i]) == 0)
            return EXIT_FAILURE;
    return argc > 1 ? EXIT_SUCCESS : EXIT_FAILURE;
}
