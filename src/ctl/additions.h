/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Lines of ours in the local additions of the distribution's profiles, the files below APPARMOR_DIR/local
 * that are the administrator's. A line goes before all others, so that taking it out again leaves every byte
 * as it was, whether there was a newline at the end or not.
 */

#include "ctl/ctl.h"

/* In the local additions of the helper's profile, and of libvirtd's. */
#define ADDITION_HELPER "include if exists <abstractions/virt-aa-helper-virtiofs>"
#define ADDITION_GUARD  "include if exists <local/libvirt-virtiofsd-guard>"

/* The first line of a file that is ours alone, or the line after that of ours. */
#define ADDITION_MADE "# Made by virt-aa-ctl."
/* The same where the directory was made for it. */
#define ADDITION_MADE_DIR "# Made by virt-aa-ctl, with its directory."

/* A profile of the distribution's, which is there, and where it takes additions. */
typedef struct {
    char *profile; /* APPARMOR_DIR/NAME */
    char *file;    /* (nullable): the local additions, links followed; NULL: it includes none */
} Addition;

/**
 * additions_of_helper, additions_of_daemons:
 * @error: one is there and cannot be read
 * Returns: (transfer full) (nullable) (element-type Addition): each profile that is there
 */
GPtrArray *additions_of_helper(const CtlConfig *config, GError **error);
GPtrArray *additions_of_daemons(const CtlConfig *config, GError **error);

/**
 * additions_list:
 * @error: the directory cannot be listed, and is not missing
 * Returns: (transfer full) (nullable) (element-type utf8): all files of local additions, links followed
 */
GPtrArray *additions_list(const CtlConfig *config, GError **error);

/**
 * additions_read:
 * @whole: (out) (optional): whether that is all of it; FALSE: a NUL byte follows, at which apparmor_parser fails
 * Returns: (transfer full) (nullable): what is in @file, as far as it is text; NULL: there is no file, or with
 *   @error set, it cannot be read
 */
char *additions_read(const char *file, gboolean *whole, GError **error);

/** additions_check_whole: fails unless additions_read() has read @file @whole: what would be written back is less. */
gboolean additions_check_whole(const char *file, gboolean whole, GError **error);

/** additions_has: whether @text has the line @line. */
gboolean additions_has(const char *text, const char *line);

/**
 * additions_with:
 * @text: (nullable): what is in the file; NULL: there is none
 * @made_dir: with no @text: the directory is made as well
 * Returns: (transfer full): the same with @line, if it has it not yet
 */
char *additions_with(const char *text, const char *line, gboolean made_dir);

/**
 * additions_without:
 * @made_dir: (out): whether the directory was made with it
 * Returns: (transfer full) (nullable): @text as it was before additions_with(); NULL: there was no file
 */
char *additions_without(const char *text, const char *line, gboolean *made_dir);
