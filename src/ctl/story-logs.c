/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

/*
 * libvirt's logs of a domain: NAME.log, with QEMU's output and a line of libvirt's own at each start and end
 * (qemuLogOperation()), and NAME-ALIAS-virtiofsd.log, with the launcher's and then virtiofsd's output
 * (qemuVirtioFSCreateLogFilename()).
 */

#include <glib/gi18n-lib.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/error.h"
#include "ctl/lines.h"
#include "ctl/moment.h"
#include "ctl/story.h"
#include "domain/domain.h"

/* Bytes from the end that are looked at: QEMU's command line, which is in it, may have tens of kilobytes. */
#define LOG_BYTES 262144

/* What the helper and the launcher do before libvirt writes a line of a start, and may take: LIMIT_LOCK_WAIT_MS
 * and LIMIT_PARSER_MS, some times. */
#define BEFORE_MS 120000

/* (transfer full): the log of the domain, with @suffix. A name has no slash. */
static char *
log_path(const CtlConfig *config, const CtlDomain *domain, const char *suffix)
{
    return g_strdup_printf("%s/%s%s", config->log_dir, domain->name, suffix);
}

/* "2026-01-31 12:45:10.123+0000: " */
static gint64
stamp_of(const char *line)
{
    g_autofree char *text = g_strndup(line, strlen("2026-01-31 12:45:10"));
    g_autoptr(GTimeZone) utc = g_time_zone_new_utc();
    g_autoptr(GDateTime) date = g_date_time_new_from_iso8601(text, utc);

    return date ? g_date_time_to_unix(date) * 1000 : 0;
}

static void
take_operation(void *data, const char *line)
{
    gint64 *last = data;
    gint64 time;

    if (!strstr(line, ": starting up libvirt version") && !strstr(line, ": shutting down, reason="))
        return;
    time = stamp_of(line);
    /* QEMU writes into this file as well, and may say that it is tomorrow */
    if (time > 0 && time <= moment_now())
        *last = time;
}

gint64
story_begin(const CtlConfig *config, const CtlDomain *domain, gint64 *started)
{
    g_autofree char *pid = g_strdup_printf("%s/%s.pid", config->pid_dir, domain->name);
    g_autofree char *path = log_path(config, domain, ".log");
    struct stat status;
    gint64 last = 0;

    /* root's alone, and written when QEMU was started */
    *started = 0;
    if (domain->running && lstat(pid, &status) == 0) {
        *started = (gint64)status.st_mtime * 1000;
        return *started - BEFORE_MS;
    }
    lines_read(path, LOG_BYTES, take_operation, &last, NULL, NULL);
    return last ? last - BEFORE_MS : 0;
}

/* The last lines of a log. */
typedef struct {
    GQueue lines; /* of char* */
} Tail;

static void
take_tail(void *data, const char *line)
{
    Tail *tail = data;

    if (!*line)
        return;
    g_queue_push_tail(&tail->lines, g_strdup(line));
    if (g_queue_get_length(&tail->lines) > STORY_LOG_LINES)
        g_free(g_queue_pop_head(&tail->lines));
}

static void
read_log(Story *story, const char *path, gboolean of_launcher)
{
    g_autoptr(GError) error = NULL;
    Tail tail = {.lines = G_QUEUE_INIT};
    gint64 changed = 0;
    char *line;

    if (!lines_read(path, LOG_BYTES, take_tail, &tail, &changed, &error)) {
        if (!g_error_matches(error, BASE_ERROR, BASE_ERROR_NOT_FOUND)) {
            story->forbidden |= g_error_matches(error, BASE_ERROR, BASE_ERROR_DENIED);
            g_ptr_array_add(story->unread, g_strdup(error->message));
        }
    }
    while ((line = g_queue_pop_head(&tail.lines))) {
        gboolean last = g_queue_is_empty(&tail.lines);
        gboolean ended = of_launcher && last && !story->domain->running &&
                         g_str_has_prefix(line, "virt-aa-virtiofsd: ");

        if (changed >= story->since)
            story_add(story, last ? changed : 0, path, FALSE, line,
                      ended ? cause_of(line) : CAUSE_NONE);
        g_free(line);
    }
}

void
story_read_logs(Story *story, const CtlConfig *config)
{
    const CtlDomain *of = story->domain;
    g_autoptr(Domain) domain = domain_parse(of->xml, strlen(of->xml), NULL);
    g_autofree char *qemu = log_path(config, of, ".log");
    const DomainFilesystem *fs;
    guint at = 0;
    guint n = 0;

    if (!of->running)
        read_log(story, qemu, FALSE);
    while (domain && (fs = domain_next_device(domain, DOMAIN_DEVICE_FILESYSTEM, &at))) {
        g_autofree char *suffix = fs->alias ? g_strdup_printf("-%s-virtiofsd.log", fs->alias)
                                            : g_strdup_printf("-fs%u-virtiofsd.log", n);
        g_autofree char *path = log_path(config, of, suffix);

        n++;
        if (fs->driver == DOMAIN_FS_VIRTIOFS && !strchr(suffix, '/'))
            read_log(story, path, TRUE);
    }
}
