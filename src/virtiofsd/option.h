/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * virtiofsd: what is known of the daemon, for the programs that start it, confine it and write about it.
 *
 * There are two daemons. The one in Rust (virtiofsd 1.13 and 1.14, --help) has its options as arguments of
 * their own. QEMU's C daemon (7.2, --help) has a few of those and takes all others as parts of "-o A,B=C";
 * the Rust one still reads "-o" as well. Neither takes an option that is not spelled in full: the one has
 * clap without abbreviations, the other fuse_opt, which compares whole words.
 *
 * Tables say for each option how it is written and what it means to us. What an administrator may add is
 * asked of virtiofsd/extra.h.
 */

#include <stdbool.h>
#include <stddef.h>

/* What an option means to those who start virtiofsd. */
typedef enum {
    OPTION_UNKNOWN,      /* in no table; libvirt and virtiofsd may know it all the same */
    OPTION_PLAIN,        /* how files are served, and nothing that others would have to know */
    OPTION_QUERY,        /* the program is asked about itself, and serves nothing */
    OPTION_FD,           /* the listening socket */
    OPTION_SOCKET,       /* the path of one that it would make itself */
    OPTION_END,          /* "--": what follows are no options */
    OPTION_SHARE,        /* the directory */
    OPTION_SANDBOX,      /* how it shuts itself in */
    OPTION_IDMAP,        /* a user namespace's owners */
    OPTION_READONLY,     /* the guest may change nothing */
    OPTION_FILE_HANDLES, /* files are opened by handles, which have no path */
    OPTION_XATTR,        /* the guest has extended attributes, ACLs or labels */
    OPTION_MODCAPS,      /* the capabilities that it keeps */
    OPTION_DESCRIPTORS,  /* how many files it may have open */
    OPTION_COMPAT,       /* -o: a list of options, see option_next_part() */
    OPTION_RESERVED,     /* sockets and processes: libvirt's */
    OPTION_IMPOSSIBLE,   /* does not work under a profile of ours */
} OptionKind;

/* How an option has its value. */
typedef enum {
    OPTION_VALUE_NONE,
    OPTION_VALUE_ANY,      /* after "=", or as the next argument; of "-o" in the same word */
    OPTION_VALUE_EQUALS,   /* after "=" only */
    OPTION_VALUE_OPTIONAL, /* after "=", or none */
} OptionValue;

/* One option of a command line, with the value that belongs to it. */
typedef struct {
    OptionKind kind;
    OptionValue takes;
    const char *name;  /* of the table; the whole argument where the kind is unknown */
    const char *value; /* (nullable): it has none, or it is missing */
    int used;          /* arguments that it takes up: 2 where the value is the next one */
} Occurrence;

/**
 * option_read:
 * @argc, @argv: the command line, or any part of it
 * @at: where in @argv the option begins
 * Returns: the option; its strings are the table's and @argv's
 *
 * Anything that is not known is an OPTION_UNKNOWN of one argument, so that what follows it is read anew.
 */
Occurrence option_read(int argc, char *const argv[], int at);

/** option_lacks_value: whether virtiofsd would take what follows @found for its value, and nothing does. */
bool option_lacks_value(const Occurrence *found);

/* One part of the value of "-o". */
typedef struct {
    OptionKind kind;
    OptionValue takes;   /* NONE or EQUALS */
    const char *text;    /* the whole part, "NAME" or "NAME=VALUE" */
    size_t length;       /* bytes of @text */
    const char *value;   /* (nullable): what follows "=", not ended by a NUL */
    size_t value_length; /* bytes of @value */
} OptionPart;

/**
 * option_next_part:
 * @at: (inout): where the rest of the list begins; NULL after the last part
 * @doubled: a comma that is doubled does not end a part, as libvirt writes a directory's name. Neither
 *   daemon reads it so, and what reaches them from elsewhere has to be looked at as they do.
 * @part: (out): the next part, which may be empty
 * Returns: whether there was one
 */
bool option_next_part(const char **at, bool doubled, OptionPart *part);
