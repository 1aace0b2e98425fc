/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * systemd's journal, where this program was built with it (option "journal").
 *
 * It is asked by fields that journald itself writes (systemd.journal-fields(7), "Trusted Journal Fields"),
 * for anybody may log a MESSAGE that looks like the kernel's or libvirtd's. They are also what keeps a
 * large journal from being read whole: what matches is found by its index.
 */

#include <glib.h>

/* What is asked for. */
typedef enum {
    JOURNAL_APPARMOR, /* the kernel's records, from the audit socket and from its log */
    JOURNAL_LIBVIRTD, /* what libvirtd or virtqemud said as root, with what its children said */
} JournalKind;

/* Takes one @message, which may have several lines, and its @time (moment.h). */
typedef void (*JournalTake)(void *data, const char *message, gint64 time);

/**
 * journal_read:
 * @directory: (nullable): of journal files, in place of the system's, for tests
 * @since: moment.h; earlier messages are left out
 * @error: BASE_ERROR_DENIED: the system's journal may not be read; BASE_ERROR_NOT_FOUND: there is no
 *   journal, or this program was built without it
 * Takes what there is, in its order.
 */
gboolean journal_read(const char *directory, JournalKind kind, gint64 since, JournalTake take,
                      void *data, GError **error);
