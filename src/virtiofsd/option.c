/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "virtiofsd/option.h"

#include <string.h>

typedef struct {
    const char *name;
    OptionKind kind;
    OptionValue takes;
} Option;

/* Arguments of their own. Those that mean nothing to us are here so that a value is never taken for an
 * option, and so that an administrator's misspelled one is seen. */
static const Option options[] = {
    {"--print-capabilities", OPTION_QUERY, OPTION_VALUE_NONE},
    {"--version", OPTION_QUERY, OPTION_VALUE_NONE},
    {"--help", OPTION_QUERY, OPTION_VALUE_NONE},
    {"-V", OPTION_QUERY, OPTION_VALUE_NONE},
    {"-h", OPTION_QUERY, OPTION_VALUE_NONE},
    {"--", OPTION_END, OPTION_VALUE_NONE},
    {"--fd", OPTION_FD, OPTION_VALUE_ANY},
    {"--shared-dir", OPTION_SHARE, OPTION_VALUE_ANY},
    {"--sandbox", OPTION_SANDBOX, OPTION_VALUE_ANY},
    {"--uid-map", OPTION_IDMAP, OPTION_VALUE_ANY},
    {"--gid-map", OPTION_IDMAP, OPTION_VALUE_ANY},
    {"--readonly", OPTION_READONLY, OPTION_VALUE_NONE},
    {"--inode-file-handles", OPTION_FILE_HANDLES, OPTION_VALUE_EQUALS},
    {"--modcaps", OPTION_MODCAPS, OPTION_VALUE_ANY},
    {"-o", OPTION_COMPAT, OPTION_VALUE_ANY},

    {"--socket", OPTION_SOCKET, OPTION_VALUE_ANY},
    {"--socket-path", OPTION_SOCKET, OPTION_VALUE_ANY},
    {"--socket-group", OPTION_RESERVED, OPTION_VALUE_ANY},
    /* libvirt has noted the process that it started; the one in the background is another */
    {"--daemonize", OPTION_RESERVED, OPTION_VALUE_NONE},
    /* /dev/log takes a socket, and the launcher's seccomp filter leaves none to be made */
    {"--syslog", OPTION_IMPOSSIBLE, OPTION_VALUE_NONE},

    {"--xattr", OPTION_XATTR, OPTION_VALUE_NONE},
    {"--xattrmap", OPTION_XATTR, OPTION_VALUE_ANY},
    /* since 1.14 with never, auto, always; before, without a value */
    {"--posix-acl", OPTION_XATTR, OPTION_VALUE_OPTIONAL},
    {"--security-label", OPTION_XATTR, OPTION_VALUE_OPTIONAL},

    {"--allow-direct-io", OPTION_PLAIN, OPTION_VALUE_NONE},
    {"--allow-mmap", OPTION_PLAIN, OPTION_VALUE_NONE},
    {"--announce-submounts", OPTION_PLAIN, OPTION_VALUE_NONE},
    {"--cache", OPTION_PLAIN, OPTION_VALUE_ANY},
    {"--killpriv-v2", OPTION_PLAIN, OPTION_VALUE_NONE},
    {"--log-level", OPTION_PLAIN, OPTION_VALUE_ANY},
    {"--migration-confirm-paths", OPTION_PLAIN, OPTION_VALUE_NONE},
    {"--migration-mode", OPTION_PLAIN, OPTION_VALUE_ANY},
    {"--migration-on-error", OPTION_PLAIN, OPTION_VALUE_ANY},
    {"--migration-verify-handles", OPTION_PLAIN, OPTION_VALUE_NONE},
    {"--no-announce-submounts", OPTION_PLAIN, OPTION_VALUE_NONE},
    {"--no-killpriv-v2", OPTION_PLAIN, OPTION_VALUE_NONE},
    {"--no-readdirplus", OPTION_PLAIN, OPTION_VALUE_NONE},
    {"--preserve-noatime", OPTION_PLAIN, OPTION_VALUE_NONE},
    {"--rlimit-nofile", OPTION_DESCRIPTORS, OPTION_VALUE_ANY},
    {"--seccomp", OPTION_PLAIN, OPTION_VALUE_ANY},
    {"--tag", OPTION_PLAIN, OPTION_VALUE_ANY},
    {"--thread-pool-size", OPTION_PLAIN, OPTION_VALUE_ANY},
    {"--translate-gid", OPTION_PLAIN, OPTION_VALUE_ANY},
    {"--translate-uid", OPTION_PLAIN, OPTION_VALUE_ANY},
    {"--writeback", OPTION_PLAIN, OPTION_VALUE_NONE},
    {"-d", OPTION_PLAIN, OPTION_VALUE_NONE},
    {"-f", OPTION_PLAIN, OPTION_VALUE_NONE},
};

/* The parts of "-o", of both daemons. */
static const Option parts[] = {
    {"source", OPTION_SHARE, OPTION_VALUE_EQUALS},
    {"sandbox", OPTION_SANDBOX, OPTION_VALUE_EQUALS},
    {"modcaps", OPTION_MODCAPS, OPTION_VALUE_EQUALS},

    {"xattr", OPTION_XATTR, OPTION_VALUE_NONE},
    {"xattrmap", OPTION_XATTR, OPTION_VALUE_EQUALS},
    {"posix_acl", OPTION_XATTR, OPTION_VALUE_NONE},
    {"security_label", OPTION_XATTR, OPTION_VALUE_NONE},
    {"no_xattr", OPTION_PLAIN, OPTION_VALUE_NONE},
    {"no_posix_acl", OPTION_PLAIN, OPTION_VALUE_NONE},
    {"no_security_label", OPTION_PLAIN, OPTION_VALUE_NONE},

    {"allow_direct_io", OPTION_PLAIN, OPTION_VALUE_NONE},
    {"allow_root", OPTION_PLAIN, OPTION_VALUE_NONE},
    {"announce_submounts", OPTION_PLAIN, OPTION_VALUE_NONE},
    {"cache", OPTION_PLAIN, OPTION_VALUE_EQUALS},
    {"debug", OPTION_PLAIN, OPTION_VALUE_NONE},
    {"flock", OPTION_PLAIN, OPTION_VALUE_NONE},
    {"killpriv_v2", OPTION_PLAIN, OPTION_VALUE_NONE},
    {"log_level", OPTION_PLAIN, OPTION_VALUE_EQUALS}, /* the C daemon's */
    {"loglevel", OPTION_PLAIN, OPTION_VALUE_EQUALS},  /* the Rust one's */
    {"max_idle_threads", OPTION_PLAIN, OPTION_VALUE_EQUALS},
    {"no_allow_direct_io", OPTION_PLAIN, OPTION_VALUE_NONE},
    {"no_flock", OPTION_PLAIN, OPTION_VALUE_NONE},
    {"no_killpriv_v2", OPTION_PLAIN, OPTION_VALUE_NONE},
    {"no_posix_lock", OPTION_PLAIN, OPTION_VALUE_NONE},
    {"no_readdirplus", OPTION_PLAIN, OPTION_VALUE_NONE},
    {"no_writeback", OPTION_PLAIN, OPTION_VALUE_NONE},
    {"posix_lock", OPTION_PLAIN, OPTION_VALUE_NONE},
    {"readdirplus", OPTION_PLAIN, OPTION_VALUE_NONE},
    {"timeout", OPTION_PLAIN, OPTION_VALUE_EQUALS},
    {"writeback", OPTION_PLAIN, OPTION_VALUE_NONE},
};

/* The value that is in the same argument as the name, "" included; or NULL. */
static const char *
attached_value(const Option *option, const char *argument)
{
    size_t length = strlen(option->name);

    if (option->name[1] == '-')
        return argument[length] == '=' ? argument + length + 1 : NULL;
    if (option->takes == OPTION_VALUE_NONE || !argument[length])
        return NULL;
    /* "-oVALUE" is read by both daemons; of "-o=VALUE" clap, and nobody else, drops the "=" */
    return argument + length + (argument[length] == '=');
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
        Occurrence found = {option->kind, option->takes, option->name, NULL, 1};

        if (!is_option(option, argv[at]))
            continue;
        found.value = attached_value(option, argv[at]);
        if (option->takes == OPTION_VALUE_ANY && !found.value && at + 1 < argc) {
            found.value = argv[at + 1];
            found.used = 2;
        }
        return found;
    }
    return (Occurrence){OPTION_UNKNOWN, OPTION_VALUE_NONE, argv[at], NULL, 1};
}

bool
option_lacks_value(const Occurrence *found)
{
    return found->takes == OPTION_VALUE_ANY && !found->value;
}

static const char *
part_end(const char *part, bool doubled)
{
    while (*part && !(part[0] == ',' && !(doubled && part[1] == ',')))
        part += part[0] == ',' ? 2 : 1;
    return part;
}

/* Fills in what the table says about @part, whose text is set. */
static void
look_up_part(OptionPart *part)
{
    const char *equals = memchr(part->text, '=', part->length);
    size_t name_length = equals ? (size_t)(equals - part->text) : part->length;

    part->kind = OPTION_UNKNOWN;
    part->takes = OPTION_VALUE_NONE;
    part->value = equals ? equals + 1 : NULL;
    part->value_length = equals ? part->length - name_length - 1 : 0;
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
        if (strlen(parts[i].name) == name_length &&
            memcmp(parts[i].name, part->text, name_length) == 0) {
            part->kind = parts[i].kind;
            part->takes = parts[i].takes;
        }
}

bool
option_next_part(const char **at, bool doubled, OptionPart *part)
{
    const char *end;

    if (!*at)
        return false;
    end = part_end(*at, doubled);
    part->text = *at;
    part->length = (size_t)(end - *at);
    look_up_part(part);
    *at = *end ? end + 1 : NULL;
    return true;
}
