/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

/*
 * Command lines, an argument a line: as libvirt's, and as what a configuration adds. Whatever they are, the
 * virtiofsd that is started serves one directory, the one that was decided, in a chroot.
 */

#include <string.h>

#include "fuzz/command-line.h"
#include "fuzz/fuzz.h"
#include "virtiofsd/extra.h"

#define MAX_ARGUMENTS 64

static void
check_libvirts(int argc, char *argv[])
{
    AUTO_ARGUMENTS Arguments arguments = ARGUMENTS_INIT;
    Failure failure = {.text = ""};

    arguments_is_query(argc, argv);
    if (!arguments_parse(argc, argv, &arguments, &failure)) {
        FUZZ_REQUIRE(failure.text[0], "a failure without words");
        return;
    }
    fuzz_check_command_line(&arguments, NULL);
}

static void
check_added(char *options[])
{
    AUTO_ARGUMENTS Arguments arguments = ARGUMENTS_INIT;
    char *argv[] = {(char *)"V", (char *)"--fd=3", (char *)"--shared-dir=/x", NULL};
    Failure failure = {.text = ""};

    if (!extra_check(options, &failure)) {
        FUZZ_REQUIRE(failure.text[0] && failure.todo, "a failure without words");
        return;
    }
    FUZZ_REQUIRE(arguments_parse(3, argv, &arguments, &failure), failure.text);
    fuzz_check_command_line(&arguments, options);
    extra_capabilities(options, CAPABILITIES_SERVING);
}

int
LLVMFuzzerTestOneInput(const guint8 *data, gsize size)
{
    g_autofree char *text = g_strndup((const char *)data, size);
    g_auto(GStrv) lines = g_strsplit(text, "\n", MAX_ARGUMENTS);
    char *argv[MAX_ARGUMENTS + 2] = {(char *)"V"};
    int argc = 1;

    for (char **line = lines; *line; line++)
        argv[argc++] = *line;
    check_libvirts(argc, argv);
    check_added(argv + 1);
    return 0;
}
