/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Options that an administrator may or may not add, for the tests of all who read them. */

#define OPTION_LIST_MAX 16

/* Lists of options, with "|" between them. @why: what the refusal says; NULL where they are right. */
static const struct {
    const char *list;
    const char *why;
} option_lists[] = {
    {"", NULL},
    {"--modcaps=+sys_admin", NULL},
    {"--xattr|--posix-acl|--announce-submounts", NULL},
    {"--posix-acl=auto|--security-label=never|--security-label", NULL},
    {"--inode-file-handles=mandatory", NULL},
    {"--readonly", NULL},
    {"--cache|never|--log-level|debug", NULL},
    {"--cache=never", NULL},
    {"--xattrmap|:map::user.virtiofs.:", NULL},
    {"--xattrmap=:map::user.virtiofs.:", NULL},
    {"--translate-uid=map:0:100000:65536|--translate-gid=map:0:1:1", NULL},
    {"--tag=--sandbox", NULL},
    {"-o|xattrmap=:map::user.virtiofs.:", NULL},
    {"-o|posix_acl,no_flock", NULL},
    {"-oxattr|-d|-f", NULL},
    {"-o=xattr", NULL},
    {"-o|modcaps=+sys_admin:-mknod", NULL},

    {"posix-acl", "'posix-acl' is not an option of virtiofsd; they begin with '-'"},
    {"--readonly|yes", "'yes' is not an option"},
    {"--posix-acl|auto", "'auto' is not an option"},
    {"-", "no option '-'"},
    {"--", "no option '--'"},
    {"--unknown", "no option '--unknown'"},
    {"-q", "no option '-q'"},
    {"--posix_acl", "no option '--posix_acl'"},
    {"--Readonly", "no option '--Readonly'"},
    {" --readonly", "is not an option"},
    {"--readonly ", "no option '--readonly '"},
    {"--cache never", "no option '--cache never'"},
    /* abbreviations, which getopt_long would take, and clusters, which clap does */
    {"--sand=none", "no option"},
    {"--socket-p=/x", "no option"},
    {"--daemon", "no option"},
    {"--shared-directory=/etc", "no option"},
    {"-fosandbox=none", "no option"},
    {"-df", "no option"},
    {"-Vx", "no option"},

    {"--sandbox=none", "'--sandbox=none' cannot be set"},
    {"--sandbox|chroot", "cannot be set"},
    {"--sandbox", "cannot be set"},
    {"--shared-dir=/etc", "cannot be set"},
    {"--shared-dir|/etc", "cannot be set"},
    {"--fd=5", "cannot be set"},
    {"--socket=/x", "cannot be set"},
    {"--socket-path=/x", "cannot be set"},
    {"--socket-group=kvm", "cannot be set"},
    {"--uid-map=:0:1:1:", "cannot be set"},
    {"--gid-map|:0:1:1:", "cannot be set"},
    {"--daemonize", "cannot be set"},
    {"--print-capabilities", "cannot be set"},
    {"--version", "cannot be set"},
    {"--help", "cannot be set"},
    {"-V", "cannot be set"},
    {"-h", "cannot be set"},
    {"--syslog", "does not work under a profile"},

    {"-o|source=/etc", "'source=/etc' cannot be set"},
    {"-osource=/etc", "cannot be set"},
    {"-o=source=/etc", "cannot be set"},
    {"-o|sandbox=none", "'sandbox=none' cannot be set"},
    {"-osandbox=none", "cannot be set"},
    {"-oposix_acl,sandbox=namespace", "cannot be set"},
    {"-o|xattr,source", "cannot be set"},
    /* a part for both daemons, a doubled comma in a name for libvirt alone */
    {"-o|xattrmap=x,,sandbox=none", "is empty"},
    {"-o|xattrmap=x\\,sandbox=none", "backslash"},
    {"-o|sand\\box=none", "backslash"},
    /* the C daemon reads arguments of its own in there */
    {"-o|--fd=3", "option -o has no value"},
    {"-o--fd=3", "no option '-o --fd=3'"},
    {"-oxattr,--daemonize", "no option '-o --daemonize'"},
    {"-oxattr,-d", "no option '-o -d'"},
    {"-o|--modcaps=+x", "option -o has no value"},
    {"-o|sandboxed", "no option '-o sandboxed'"},
    {"-o|xattr, no_flock", "no option '-o  no_flock'"},
    {"-o|xattr,", "is empty"},
    {"-o|,xattr", "is empty"},
    {"-o|xattr=on", "'-o xattr=on' takes no value"},
    {"-o|cache", "'-o cache' has no value"},
    {"-o|cache=", "'-o cache=' has no value"},
    {"-o|readonly", "no option '-o readonly'"},
    {"-o", "option -o has no value"},
    {"-o|", "option -o has no value"},
    {"-o=", "option -o has no value"},

    {"--modcaps", "option --modcaps has no value"},
    {"--modcaps=", "option --modcaps has no value"},
    {"--modcaps|-mknod", "one that begins with '-' is written --modcaps=VALUE"},
    {"--tag|--sandbox", "option --tag has no value"},
    {"--cache", "option --cache has no value"},
    {"--readonly=yes", "option --readonly takes no value"},
    {"--inode-file-handles", "option --inode-file-handles has no value"},
    {"--inode-file-handles|never", "option --inode-file-handles has no value"},
};

/* Splits @line at "|" in place; "" is no option at all. */
static inline void
option_list_split(char *line, char *list[])
{
    int n = 0;

    for (char *at = *line ? line : NULL; at;) {
        ck_assert_int_lt(n, OPTION_LIST_MAX - 1);
        list[n++] = at;
        at = strchr(at, '|');
        if (at)
            *at++ = '\0';
    }
    list[n] = NULL;
}
