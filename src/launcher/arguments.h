/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * virtiofsd's command line, in the two spellings that libvirt builds: the separate options of the
 * Rust daemon ("--shared-dir DIR --cache always"), and "-o source=DIR,cache=always", which QEMU's C
 * daemon knows and the Rust one still takes, with the commas of a directory's name doubled. (QEMU's
 * daemon does not know doubled commas, but backslashes; those are what it gets from the launcher.)
 *
 * What the launcher decides (directory, sandbox, file handles) is taken out and put back in as it
 * has to be. Everything else is kept, byte for byte and in its order, known or not: libvirt and
 * virtiofsd may agree on options that this program has never heard of.
 */

#include <stdbool.h>
#include <stddef.h>

#include "basic/failure.h"

typedef struct {
    int fd;            /* of --fd, the listening socket; -1 where there is none */
    char *socket;      /* of --socket-path; libvirt has none */
    char *share;       /* the directory, with commas undoubled; NULL where there is none */
    char *sandbox;     /* the sandbox that was asked for; NULL for virtiofsd's default */
    bool compat;       /* the directory came as "-o source=" */
    bool readonly;     /* --readonly */
    bool idmap;        /* --uid-map or --gid-map */
    bool file_handles; /* --inode-file-handles, whatever its value */
    char **kept;       /* all other arguments, NULL at the end */
    size_t n_kept;
} Arguments;

#define ARGUMENTS_INIT \
    {                  \
        .fd = -1       \
    }
#define AUTO_ARGUMENTS __attribute__((cleanup(arguments_clear)))

/**
 * arguments_is_query:
 * Whether the command line only asks the program about itself (--print-capabilities, --version,
 * --help), so that there is nothing to share and nothing to confine.
 */
bool arguments_is_query(int argc, char *const argv[]);

/**
 * arguments_parse:
 * @arguments: (out): as ARGUMENTS_INIT; to be cleared by the caller, also after a failure
 * Fails on what has two meanings (an option of the launcher's given twice, a value missing, a
 * descriptor that is not a number), never on what is merely unknown.
 */
bool arguments_parse(int argc, char *const argv[], Arguments *arguments, Failure *failure);

/**
 * arguments_build:
 * @binary: the real virtiofsd
 * @share: the directory to serve, resolved
 * @extra: (nullable): more options, NULL at the end
 * Returns: (transfer full): the command line of a confined virtiofsd, or NULL when out of memory;
 *   the strings in it are borrowed from all four; to be freed with
 *   arguments_free_built()
 */
char **arguments_build(const Arguments *arguments, const char *binary, const char *share,
                       char *const extra[]);
void arguments_free_built(char ***built);

void arguments_clear(Arguments *arguments);
