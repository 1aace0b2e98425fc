/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

/*
 * virt-aa-helper as the tests run it: the same program, in a policy directory, on a host and with a
 * kernel that the environment names, and with a fault point armed. What is installed has none of that.
 */

#include "helper/helper.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fault.h"

/* Not getenv() alone: the helper clears the environment. Never freed, and reachable to the end. */
static const char *
setting(const char *name)
{
    const char *value = getenv(name);

    return value && *value ? g_intern_string(value) : NULL;
}

/* "POINT:SKIP:KIND", of which the kinds are "fail", "crash" and "stop" */
static void
arm(const char *spec)
{
    static char point[64];
    char kind[16] = "";
    unsigned skip = 0;

    if (spec && sscanf(spec, "%63[^:]:%u:%15s", point, &skip, kind) == 3)
        fault_arm(point, skip,
                  strcmp(kind, "crash") == 0  ? FAULT_CRASH
                  : strcmp(kind, "stop") == 0 ? FAULT_STOP
                                              : FAULT_FAIL);
}

int
main(int argc, char **argv)
{
    HelperConfig config = {
        .policy_dir = setting("HELPER_POLICY_DIR"),
        .include_dir = setting("HELPER_INCLUDE_DIR"),
        .parser = setting("HELPER_PARSER"),
        .host_root = setting("HELPER_HOST_ROOT"),
        .kernel_dir = setting("HELPER_KERNEL_DIR"),
        .settings_file = setting("HELPER_SETTINGS"),
        .records = setting("HELPER_RECORDS"),
        .launcher = setting("HELPER_LAUNCHER"),
        .launcher_json = setting("HELPER_LAUNCHER_JSON"),
        .input_fd = STDIN_FILENO,
    };

    if (!config.parser)
        config.parser = APPARMOR_PARSER;
    arm(setting("HELPER_FAULT"));
    return helper_main(&config, argc, argv);
}
