/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* What the command line asks for; see options_print_usage(). */

typedef enum {
    COMMAND_NONE,
    COMMAND_ADD,     /* load the profile that is on disk */
    COMMAND_CREATE,  /* make profile and rules from XML, and load */
    COMMAND_DELETE,  /* unload, and remove the rules */
    COMMAND_REPLACE, /* make the rules from XML anew, and load */
    COMMAND_REMOVE,  /* unload */
} Command;

typedef struct {
    Command command;
    char *profile;  /* "libvirt-UUID" */
    char *add_file; /* --add-file or --append-file, NULL: none */
    gboolean append;
    char *add_share;    /* --add-share, NULL: none; the next two go with it */
    char *share_socket; /* --share-socket */
    gboolean share_readonly;
    guint parent; /* the process that runs this one: libvirtd, or the launcher with --add-share */
    char *unrecorded; /* --unrecorded: the socket of a virtiofsd without a record; NULL: none */
    gboolean dry_run;
    gboolean check;
    gboolean help;
    gboolean version;
    char *policy_dir; /* --policy-dir, NULL: the one that was built in */
} Options;

/**
 * options_parse:
 * @argc, @argv: of main()
 * @error: what is wrong with them
 * Does no work beyond reading the arguments.
 */
gboolean options_parse(int argc, char **argv, Options *options, GError **error);
void options_clear(Options *options);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Options, options_clear)

/** options_print_usage: the text of --help, to standard output. */
void options_print_usage(const char *program);
