/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * settings: the administrator's say about virtiofsd, SYSCONFDIR/libvirt/virt-aa-virtiofs.conf.
 *
 *     [shares]
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
 * A GKeyFile: groups, "key = value", lists with ";", comments on lines of their own that begin with "#".
 * Group names of VMs and allow-write take the patterns of fnmatch(3). What is not known is an error that
 * names the line, because a misspelled key would otherwise be no key.
 */

#include <glib.h>

typedef struct _Settings Settings;

/**
 * settings_parse:
 * @text: the file's text
 * @what: its name, for messages
 */
Settings *settings_parse(const char *text, const char *what, GError **error);

/** settings_new: what holds without a file. */
Settings *settings_new(void);
void settings_free(Settings *settings);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Settings, settings_free)

/**
 * settings_allows_write:
 * @dir: a resolved directory
 * Whether allow-write names @dir. "DIR" names itself, "DIR/" and a star what lies directly in it, and
 * "DIR/" and two stars all below it and itself.
 */
gboolean settings_allows_write(const Settings *settings, const char *dir);

/** settings_allows_unconfined: whether allow-unconfined names the binary @path. */
gboolean settings_allows_unconfined(const Settings *settings, const char *path);

/**
 * settings_binary:
 * Returns: (transfer none) (nullable): the real virtiofsd for the VM @name: of the last [vm PATTERN]
 *   that has one and matches, else of [virtiofsd]
 */
const char *settings_binary(const Settings *settings, const char *name);

/**
 * settings_options:
 * Returns: (transfer container) (element-type utf8): virtiofsd's additional arguments for the VM @name:
 *   those of [virtiofsd] and of every [vm PATTERN] that matches, in the file's order, except that there
 *   is one --modcaps with the changes of all. They are what
 *   extra_check() finds right, and have a NULL after them for those that take such a list.
 */
GPtrArray *settings_options(const Settings *settings, const char *name);
