/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "launcher/option.h"

#include <stddef.h>
#include <string.h>

typedef struct {
    const char *name;
    OptionKind kind;
    bool value; /* the next argument is its value, unless "=" is in this one */
} Option;

/* The kept ones with a value are here so that a value is never taken for an option. */
static const Option options[] = {
    {"--print-capabilities", OPTION_QUERY, false},
    {"--version", OPTION_QUERY, false},
    {"--help", OPTION_QUERY, false},
    {"-V", OPTION_QUERY, false},
    {"-h", OPTION_QUERY, false},
    {"--fd", OPTION_FD, true},
    {"--readonly", OPTION_READONLY, false},
    {"--uid-map", OPTION_IDMAP, true},
    {"--gid-map", OPTION_IDMAP, true},
    {"--inode-file-handles", OPTION_FILE_HANDLES, false}, /* virtiofsd takes it with "=" only */
    {"--shared-dir", OPTION_SHARE, true},
    {"--sandbox", OPTION_SANDBOX, true},
    {"-o", OPTION_COMPAT, true},
    {"--socket", OPTION_FOREIGN, true},
    {"--socket-path", OPTION_FOREIGN, true},
    {"--socket-group", OPTION_FOREIGN, true},
    {"--daemonize", OPTION_FOREIGN, false}, /* libvirt would look for the wrong process */
    {"--cache", OPTION_KEPT, true},
    {"--log-level", OPTION_KEPT, true},
    {"--migration-mode", OPTION_KEPT, true},
    {"--migration-on-error", OPTION_KEPT, true},
    {"--modcaps", OPTION_KEPT, true},
    {"--rlimit-nofile", OPTION_KEPT, true},
    {"--seccomp", OPTION_KEPT, true},
    {"--tag", OPTION_KEPT, true},
    {"--thread-pool-size", OPTION_KEPT, true},
    {"--translate-gid", OPTION_KEPT, true},
    {"--translate-uid", OPTION_KEPT, true},
    {"--xattrmap", OPTION_KEPT, true},
};

/* The value that is in the same argument as the name, "" included; or NULL. */
static const char *
attached_value(const Option *option, const char *argument)
{
    size_t length = strlen(option->name);

    if (option->name[1] == '-')
        return argument[length] == '=' ? argument + length + 1 : NULL;
    /* -oVALUE, which getopt and clap both take */
    return option->value && argument[length] ? argument + length : NULL;
}

static bool
is_option(const Option *option, const char *argument)
{
    size_t length = strlen(option->name);

    if (strncmp(argument, option->name, length) != 0)
        return false;
    return argument[length] == '\0' || attached_value(option, argument) != NULL;
}

Occurrence
option_read(int argc, char *const argv[], int at)
{
    for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
        const Option *option = &options[i];
        Occurrence found = {option->kind, option->name, NULL, option->value, 1};

        if (!is_option(option, argv[at]))
            continue;
        found.value = attached_value(option, argv[at]);
        if (option->value && !found.value && at + 1 < argc) {
            found.value = argv[at + 1];
            found.used = 2;
        }
        return found;
    }
    return (Occurrence){OPTION_KEPT, argv[at], NULL, false, 1};
}
