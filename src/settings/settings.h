/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * settings: the administrator's say about virtiofsd, SYSCONFDIR/libvirt/virt-aa-virtiofs.conf;
 * virt-aa-virtiofs.conf(5).
 *
 *     [shares]
 *     allow-read = /etc/ssl
 *     allow-write = /etc/exports.d; /usr/share/games
 *
 *     [virtiofsd]
 *     binary = /opt/virtiofsd/bin/virtiofsd
 *     options = --announce-submounts; --inode-file-handles=never
 *     allow-unconfined = /usr/local/libexec/my-virtiofsd
 *
 *     [vm web-*]
 *     options = --posix-acl
 *
 * Parsed once, into what the questions below need. What is not known, not well-formed, or there twice is an
 * error that names the file, the line, the group and the key: in a file that says what may be shared, a
 * mistake that passes is a rule that somebody believes in and nobody follows.
 */

#include <glib.h>

typedef struct _Settings Settings;

/**
 * settings_parse:
 * @text: the file's bytes, @length of them
 * @what: its name, for messages
 * Returns: (transfer full): what it says; NULL with @error at the first mistake
 */
Settings *settings_parse(const char *text, gsize length, const char *what, GError **error);

/**
 * settings_read:
 * @path: of the file. Where there is none nothing is allowed or added; one that cannot be read is another
 *   matter: it may have made a share read-only
 * @unread: (out) (optional): the error is that it cannot be read, and not its first mistake
 * Returns: (transfer full): what it says
 */
Settings *settings_read(const char *path, gboolean *unread, GError **error);

/** settings_new: what holds without a file: nothing is allowed or added. */
Settings *settings_new(void);

/** settings_new_unusable: the same where there is a file that says what is not known; settings_advice() then
 * suggests no line, which may be there already. */
Settings *settings_new_unusable(void);
void settings_free(Settings *settings);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Settings, settings_free)

/**
 * settings_allows_write:
 * @path: a directory or file, resolved by the caller: links followed, as far as it exists. A path that is
 *   not absolute, or has "." or ".." or two slashes in it, is never allowed: below an allowed directory it
 *   may lead anywhere.
 * Whether allow-write names @path. "DIR" names itself, "DIR/" and a star what lies directly in it, and
 * "DIR/" and two stars all below it and itself.
 */
gboolean settings_allows_write(const Settings *settings, const char *path);

/** settings_allows_read: whether allow-read, or allow-write, names @path, likewise. */
gboolean settings_allows_read(const Settings *settings, const char *path);

/**
 * settings_allows_unconfined:
 * @path: a program, resolved by the caller, as for settings_allows_write()
 * Whether allow-unconfined names it.
 */
gboolean settings_allows_unconfined(const Settings *settings, const char *path);

/* What of the file allows a path. */
typedef enum {
    SETTINGS_ALLOW_READ,
    SETTINGS_ALLOW_WRITE,
    SETTINGS_ALLOW_UNCONFINED,
} SettingsList;

/**
 * settings_advice:
 * @path: what is not allowed, resolved as far as it exists
 * @list: what would allow it
 * @file: the configuration file's name
 * Returns: (transfer full): what to do about it, to go on a sentence with. A line that is in it allows @path
 *   and nothing else wherever it is put in its group; where no line could, none is in it.
 */
char *
settings_advice(const Settings *settings, const char *path, SettingsList list, const char *file);

/**
 * settings_refuses_unrecorded:
 * Whether a virtiofsd of libvirt's that no record is about, because its VM has no AppArmor label, is not to
 * run at all.
 */
gboolean settings_refuses_unrecorded(const Settings *settings);

/**
 * settings_binary:
 * @name: the VM's
 * Returns: (transfer none) (nullable): the real virtiofsd for that VM: of the last [vm PATTERN] that has one
 *   and matches, else of [virtiofsd]; it lives as long as @settings
 */
const char *settings_binary(const Settings *settings, const char *name);

/**
 * settings_binaries:
 * Returns: (transfer full) (element-type utf8): every program that settings_binary() has for some VM, in the
 *   file's order
 */
GPtrArray *settings_binaries(const Settings *settings);

/**
 * settings_options:
 * @name: the VM's
 * Returns: (transfer full) (element-type utf8): virtiofsd's additional arguments for that VM: those of
 *   [virtiofsd] and of every [vm PATTERN] that matches, in the file's order, except that there is one
 *   --modcaps with the changes of all. They are what extra_check() finds right, and have a NULL after them
 *   for those that take such a list; where there are none, the list may be NULL.
 */
GPtrArray *settings_options(const Settings *settings, const char *name);
