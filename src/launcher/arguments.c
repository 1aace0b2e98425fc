/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "launcher/arguments.h"

#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "basic/auto.h"
#include "basic/message.h"
#include "virtiofsd/extra.h"
#include "virtiofsd/option.h"

bool
arguments_is_query(int argc, char *const argv[])
{
    for (int at = 1; at < argc;) {
        Occurrence found = option_read(argc, argv, at);

        if (found.kind == OPTION_END)
            return false;
        if (found.kind == OPTION_QUERY)
            return true;
        at += found.used;
    }
    return false;
}

static bool
set_once(char **field, const char *value, size_t length, const char *name, Failure *failure)
{
    if (*field)
        return failure_set(failure, NULL, _("option %s is there twice"), name);
    *field = strndup(value, length);
    if (!*field)
        return failure_errno(failure, ENOMEM, NULL, _("cannot read the arguments"));
    return true;
}

static bool
keep(Arguments *arguments, const char *argument, Failure *failure)
{
    /* arguments_parse() has made room: there are never more than came */
    arguments->kept[arguments->n_kept] = strdup(argument);
    if (!arguments->kept[arguments->n_kept])
        return failure_errno(failure, ENOMEM, NULL, _("cannot read the arguments"));
    arguments->n_kept++;
    return true;
}

static bool
parse_fd(Arguments *arguments, const char *text, Failure *failure)
{
    char *end = NULL;
    long fd;

    if (arguments->fd >= 0)
        return failure_set(failure, NULL, _("option %s is there twice"), "--fd");
    errno = 0;
    fd = strtol(text, &end, 10);
    if (text[0] < '0' || text[0] > '9' || *end || errno || fd > INT_MAX)
        return failure_set(failure, NULL, _("'%s' is not a file descriptor"), text);
    arguments->fd = (int)fd;
    return true;
}

static void
undouble_commas(char *text)
{
    char *to = text;

    for (const char *from = text; *from; from++) {
        *to++ = *from;
        if (from[0] == ',' && from[1] == ',')
            from++;
    }
    *to = '\0';
}

/*
 * Neither daemon keeps a doubled comma together, as libvirt writes it in a directory's name, and the C one drops a
 * backslash, or takes an octal number behind it for a character: what is handed on must be to both what it is to us.
 */
static bool
is_plain(const OptionPart *part)
{
    return !memchr(part->text, '\\', part->length) && !memmem(part->text, part->length, ",,", 2);
}

/* The value of one "-o": takes directory and sandbox out, writes what is left to @rest. */
static bool
parse_compat(Arguments *arguments, const char *text, char *rest, Failure *failure)
{
    char *to = rest;
    OptionPart part;

    while (option_next_part(&text, true, &part)) {
        if (part.kind == OPTION_SHARE && part.value) {
            if (!set_once(&arguments->share, part.value, part.value_length, "-o source", failure))
                return false;
            undouble_commas(arguments->share);
            arguments->compat = true;
        } else if (part.kind == OPTION_SANDBOX && part.value) {
            if (!set_once(&arguments->sandbox, part.value, part.value_length, "-o sandbox",
                          failure))
                return false;
        } else if (!is_plain(&part)) {
            return failure_set(failure, NULL, _("'-o %.*s' is no option of libvirt's"),
                               (int)part.length, part.text);
        } else if (part.length) {
            if (to > rest)
                *to++ = ',';
            to = mempcpy(to, part.text, part.length);
        }
    }
    *to = '\0';
    return true;
}

static bool
keep_compat(Arguments *arguments, const char *text, Failure *failure)
{
    AUTO_FREE char *rest = calloc(1, strlen(text) + 1);

    if (!rest)
        return failure_errno(failure, ENOMEM, NULL, _("cannot read the arguments"));
    if (!parse_compat(arguments, text, rest, failure))
        return false;
    return !*rest || (keep(arguments, "-o", failure) && keep(arguments, rest, failure));
}

/* Several options of a letter in one word, or one with its value. */
static bool
is_cluster(const char *argument)
{
    return argument[0] == '-' && argument[1] != '-' && argument[1] != '\0' && argument[2] != '\0';
}

static bool
refuse_argument(const char *argument, Failure *failure)
{
    return failure_set(failure, NULL, _("'%s' is no argument of libvirt's"), argument);
}

static bool
apply(Arguments *arguments, const Occurrence *found, Failure *failure)
{
    switch (found->kind) {
    case OPTION_SHARE:
        return set_once(&arguments->share, found->value, SIZE_MAX / 2, found->name, failure);
    case OPTION_SANDBOX:
        return set_once(&arguments->sandbox, found->value, SIZE_MAX / 2, found->name, failure);
    case OPTION_COMPAT:
        return keep_compat(arguments, found->value, failure);
    case OPTION_FD:
        return parse_fd(arguments, found->value, failure);
    case OPTION_SOCKET:
        return set_once(&arguments->socket, found->value, SIZE_MAX / 2, found->name, failure);
    case OPTION_END:
        /* QEMU's daemon would take no notice of what is put behind it, the directory among it */
        return refuse_argument(found->name, failure);
    case OPTION_READONLY:
        arguments->readonly = true;
        return true;
    case OPTION_IDMAP:
        arguments->idmap = true;
        return true;
    case OPTION_FILE_HANDLES:
        arguments->file_handles = true;
        return true;
    case OPTION_UNKNOWN:
        /* the Rust daemon reads "-fo" as "-f -o", and what follows as a list of options */
        return !is_cluster(found->name) || refuse_argument(found->name, failure);
    case OPTION_PLAIN:
    case OPTION_QUERY:
    case OPTION_XATTR:
    case OPTION_DESCRIPTORS:
    case OPTION_MODCAPS:
    case OPTION_RESERVED:
    case OPTION_IMPOSSIBLE:
        return true;
    }
    return false;
}

static bool
is_kept(OptionKind kind)
{
    return kind != OPTION_SHARE && kind != OPTION_SANDBOX && kind != OPTION_COMPAT;
}

bool
arguments_parse(int argc, char *const argv[], Arguments *arguments, Failure *failure)
{
    /* "-oVALUE" becomes two arguments */
    arguments->kept = calloc((size_t)argc * 2 + 1, sizeof(char *));
    if (!arguments->kept)
        return failure_errno(failure, ENOMEM, NULL, _("cannot read the arguments"));
    for (int at = 1; at < argc;) {
        Occurrence found = option_read(argc, argv, at);

        if (option_lacks_value(&found))
            return failure_set(failure, NULL, _("option %s has no value"), found.name);
        if (!apply(arguments, &found, failure))
            return false;
        for (int i = 0; is_kept(found.kind) && i < found.used; i++)
            if (!keep(arguments, argv[at + i], failure))
                return false;
        at += found.used;
    }
    return true;
}

/*
 * "source=DIR,sandbox=chroot" as QEMU's virtiofsd reads it. Its parser (libfuse's fuse_opt.c) takes the
 * character after a backslash as it is, and knows no doubled comma: a directory that libvirt wrote
 * "/a,,b" it would look for as "/a".
 */
static char *
format_compat(const char *share)
{
    char *text = malloc(strlen("source=") + 2 * strlen(share) + strlen(",sandbox=chroot") + 1);
    char *to = text;

    if (!text)
        return NULL;
    to = stpcpy(to, "source=");
    for (; *share; share++) {
        if (*share == ',' || *share == '\\')
            *to++ = '\\';
        *to++ = *share;
    }
    stpcpy(to, ",sandbox=chroot");
    return text;
}

/* The one string that is made here is kept in an element before the first that the caller sees. */
char **
arguments_build(const Arguments *arguments, const char *binary, const char *share,
                char *const extra[])
{
    size_t n_extra = 0;
    size_t n = 1;
    char **built;

    while (extra && extra[n_extra])
        n_extra++;
    /* hidden, binary, kept, four for directory and sandbox, one for file handles, extra, NULL */
    built = calloc(arguments->n_kept + n_extra + 8, sizeof(char *));
    if (!built)
        return NULL;
    built[n++] = (char *)binary;
    for (size_t i = 0; i < arguments->n_kept; i++)
        built[n++] = arguments->kept[i];
    if (arguments->compat) {
        built[0] = format_compat(share);
        if (!built[0]) {
            free(built);
            return NULL;
        }
        built[n++] = (char *)"-o";
        built[n++] = built[0];
    } else {
        built[n++] = (char *)"--shared-dir";
        built[n++] = (char *)share;
        built[n++] = (char *)"--sandbox";
        built[n++] = (char *)"chroot";
        /*
         * A file that is opened by its handle may have no path, once the kernel has forgotten its
         * name ("/proc/self/fd/N" is then "/"), and AppArmor, whose rules are paths, refuses it: a
         * share that works until memory gets short. virtiofsd uses handles by itself from 1.13.3 on.
         * The "-o" spelling belongs to daemons that do not, or do not know the option.
         */
        if (!arguments->file_handles && !extra_have(extra, OPTION_FILE_HANDLES))
            built[n++] = (char *)"--inode-file-handles=never";
    }
    for (size_t i = 0; i < n_extra; i++)
        built[n++] = extra[i];
    return built + 1;
}

void
arguments_free_built(char ***built)
{
    if (!*built)
        return;
    free((*built)[-1]);
    free(*built - 1);
    *built = NULL;
}

void
arguments_clear(Arguments *arguments)
{
    free(arguments->socket);
    free(arguments->share);
    free(arguments->sandbox);
    for (size_t i = 0; i < arguments->n_kept; i++)
        free(arguments->kept[i]);
    free(arguments->kept);
    *arguments = (Arguments)ARGUMENTS_INIT;
}
