/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * One record of AppArmor's, as the kernel writes it (security/apparmor/audit.c, audit_pre() and the
 * callbacks of each class): "audit(SECONDS.MS:SERIAL): apparmor="DENIED" operation="open" …".
 *
 * It stands in auditd's file as "type=AVC msg=audit(…): …", in the kernel's log as "audit: type=1400
 * audit(…): …", and in the journal, from the audit socket, as "AVC …", with its time beside it.
 *
 * libapparmor reads it, but not as it is: that of AppArmor 3.0 takes no record with a key that it does not
 * know, as "class" is, which Linux has since 6.2. So it gets the keys that this program asks about, and no
 * others. What a value holds, a process chose that is confined because nobody trusts it: the kernel writes
 * what has a quotation mark, a blank or a control character in hexadecimal digits, so that none can end its
 * value and forge the next key.
 */

#include <glib.h>

typedef struct {
    gint64 time;       /* moment.h */
    guint64 serial;    /* with the time, one record's own; 0: not known */
    gboolean complain; /* it was allowed, in complain mode */
    char *profile;     /* that said no */
    char *operation;   /* "open", "capable", "mount", … */
    char *name;        /* (nullable): the path, or the capability */
    char *requested;   /* (nullable): as in "wc" */
    char *denied;      /* (nullable): the part of it that no rule allows */
    char *comm;        /* (nullable): of the process, which chooses it */
    char *info;        /* (nullable): as in "Failed name lookup - disconnected path" */
    char *peer;        /* (nullable): the label of another process */
    char *family;      /* (nullable): of a socket, as in "inet" */
    char *signal;      /* (nullable): as in "kill" */
} Avc;

/**
 * avc_read:
 * @line: without its end; any bytes
 * @time: where @line does not have it; moment.h
 * Returns: (transfer full) (nullable): the record of something denied, or allowed in complain mode; NULL
 *   for every other line
 */
Avc *avc_read(const char *line, gint64 time);
void avc_free(Avc *avc);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Avc, avc_free)
