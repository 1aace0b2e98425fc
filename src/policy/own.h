/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What an administrator has decided for one VM: rules of their own, and complain mode. Both are files of
 * theirs, in the places that AppArmor has for that for every profile, and under the name of the profile's own
 * file, libvirt-UUID or libvirt-UUID-virtiofsd:
 *
 *   APPARMOR_DIR/local/NAME           rules, included at the end of the profile
 *   APPARMOR_DIR/force-complain/NAME  whatever is in it: all of the profile is in complain mode
 *
 * So apparmor_parser run by hand and libvirt's own helper go by them too. Nobody else's hands reach them there:
 * AppArmor's start-up reads the files of APPARMOR_DIR itself and of no directory below, libvirt makes and
 * removes files in APPARMOR_DIR/libvirt only, and packages remove what bears their own names.
 *
 * What is compiled has the rules in it as they were read here: no include of that file reaches the compiler,
 * which would take one that anybody may write, and the mark of what is loaded (kernel_mark()) covers them.
 */

#include <glib.h>

/* The two directories below APPARMOR_DIR. */
#define OWN_RULES_DIR    "local"
#define OWN_COMPLAIN_DIR "force-complain"

typedef struct {
    char *path;        /* of the file of rules, whether there is one or not */
    char *rules;       /* (nullable): what is in it; NULL: there is none */
    gboolean complain; /* whether the other file is there */
} Own;

void own_clear(Own *own);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Own, own_clear)

/** own_path: Returns: (transfer full): the file of rules of @profile; own_complain_path: the other one */
char *own_path(const char *apparmor_dir, const char *profile);
char *own_complain_path(const char *apparmor_dir, const char *profile);

/** own_include: Returns: (transfer full): the file of rules as a profile includes it, "local/NAME" */
char *own_include(const char *profile);

/** own_edit_command: Returns: (transfer full): what to type to put the rules of @profile right */
char *own_edit_command(const char *profile);

/**
 * own_is_complaining:
 * Whether @profile is to be in complain mode. As apparmor_parser sees it a link that leads nowhere is not there;
 * what cannot be told is not, which is the mode that keeps a VM confined.
 */
gboolean own_is_complaining(const char *apparmor_dir, const char *profile);

/**
 * own_read:
 * @own: (out caller-allocates)
 * @error: what is wrong with the file, and the command that puts it right
 *
 * The file has to be a regular one of root's (or of whom we run as), writable by nobody else, a text, and no
 * larger than LIMIT_OWN_RULES_BYTES. One that is not, or that may not be read, is an error and never as good as
 * none: rules may be there to deny something.
 */
gboolean own_read(const char *apparmor_dir, const char *profile, Own *own, GError **error);

/**
 * own_said_line:
 * @said: (inout): what the compiler says of its standard input, "AppArmor parser error at line N: …"; behind that
 *   when N is returned
 * Returns: N, or 0 where it does not begin so, as for what is wrong in a file that is included
 */
guint own_said_line(const char **said);

/**
 * own_blame:
 * @own: the rules that are wrong
 * @first_line: of @own in what was compiled, from 1; 0: not known
 * @said: (inout): what the compiler said, which becomes an error that names file, line and remedy
 */
void own_blame(const Own *own, const char *profile, guint first_line, GError **said);
