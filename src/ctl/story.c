/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "ctl/story.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/error.h"
#include "ctl/journal.h"
#include "ctl/moment.h"

/* How far back where no file says when the last start was. */
#define BACK_MS (G_GINT64_CONSTANT(24) * 3600 * 1000)

/* From the first call of the helper to the last message of a start that fails. */
#define ATTEMPT_MS 120000

static void
event_free(StoryEvent *event)
{
    g_free(event->source);
    g_free(event->text);
    g_free(event);
}

void
story_free(Story *story)
{
    if (!story)
        return;
    g_ptr_array_unref(story->events);
    g_ptr_array_unref(story->unread);
    avc_records_free(story->records);
    denials_free(story->denials);
    g_free(story->message);
    g_free(story->origin);
    g_free(story->now_message);
    g_free(story);
}

void
story_add(Story *story, gint64 time, const char *source, gboolean trusted, const char *text,
          CauseId cause)
{
    StoryEvent *event = g_new0(StoryEvent, 1);

    event->time = time;
    event->source = g_strdup(source);
    event->trusted = trusted;
    event->text = g_strdup(text);
    event->cause = cause;
    g_ptr_array_add(story->events, event);
    if (story->events->len > STORY_EVENTS)
        g_ptr_array_remove_index(story->events, 0);
}

/* ---- the journal ---- */

typedef struct {
    Story *story;
    char *profile;
    gint64 last; /* when the helper last failed */
} JournalReading;

/* One line of what the helper printed. */
static void
take_helper_line(JournalReading *reading, const char *line, gint64 time)
{
    static const char program[] = "virt-aa-helper: ";
    const char *text = g_str_has_prefix(line, program) ? line + strlen(program) : NULL;
    gboolean ends =
        text && !g_str_has_prefix(text, "warning: ") && !g_str_has_prefix(text, "debug: ");
    CauseId cause = ends ? cause_of(text) : CAUSE_NONE;

    /* a note, in no row and without the word */
    if (cause == CAUSE_UNKNOWN && !g_str_has_prefix(text, "error: "))
        cause = CAUSE_NONE;
    if (cause != CAUSE_NONE)
        reading->last = time;
    /* the helper's pointer to this program */
    if (*line && !strstr(line, "\"virt-aa-ctl why "))
        story_add(reading->story, time, "journal", TRUE, line, cause);
}

/*
 * libvirtd reports a child that failed as "internal error: Child process (… virt-aa-helper -c -u PROFILE)
 * unexpected exit status 1: " and all that the child printed to standard error (virCommandWait()).
 */
static void
take_libvirtd(void *data, const char *message, gint64 time)
{
    JournalReading *reading = data;
    const char *call = strstr(message, "virt-aa-helper ");
    const char *profile = call ? strstr(call, reading->profile) : NULL;
    const char *output = profile ? strstr(profile, "virt-aa-helper:") : NULL;

    /* virtiofsd's begins likewise, and is none that libvirtd passes */
    if (!profile || g_ascii_isalnum(profile[strlen(reading->profile)]))
        return;
    if (output) {
        g_auto(GStrv) lines = g_strsplit(output, "\n", -1);

        for (gsize i = 0; lines[i]; i++)
            take_helper_line(reading, lines[i], time);
    } else {
        story_add(reading->story, time, "journal", TRUE, message, CAUSE_HELPER);
        reading->last = time;
    }
}

gint64
story_read_journal(Story *story, const CtlConfig *config, gint64 since)
{
    g_autoptr(GError) error = NULL;
    JournalReading reading = {.story = story};

    reading.profile = g_strconcat("libvirt-", story->domain->uuid, NULL);
    if (!journal_read(config->journal_dir, JOURNAL_LIBVIRTD, since, take_libvirtd, &reading,
                      &error)) {
        story->forbidden |= g_error_matches(error, BASE_ERROR, BASE_ERROR_DENIED);
        g_ptr_array_add(
            story->unread,
            g_strdup_printf(_("what virt-aa-helper said is not known: %s"), error->message));
    }
    g_free(reading.profile);
    return reading.last;
}

/* ---- the whole ---- */

/* Of this VM, and of the programs around it, whose records do not say for whom they were. */
static gboolean
is_wanted(const Avc *avc, gconstpointer data)
{
    const char *wanted = data;
    g_autofree char *uuid = NULL;
    g_autofree char *peer = NULL;
    Role role = avc_whose(avc, &uuid, &peer);

    if (uuid || peer)
        return g_strcmp0(uuid, wanted) == 0 || g_strcmp0(peer, wanted) == 0;
    return role == ROLE_LAUNCHER || role == ROLE_HELPER ||
           (role == ROLE_LIBVIRTD && strcmp(avc->operation, "exec") == 0);
}

static void
read_denials(Story *story, const CtlConfig *config)
{
    g_autoptr(GPtrArray) domains = g_ptr_array_new();

    g_ptr_array_add(domains, (gpointer)story->domain);
    story->records = avc_records_read(config, story->since, is_wanted, story->domain->uuid);
    story->denials = denials_group(config, story->records->list, domains);
    story->forbidden |= story->records->forbidden;
    if (!story->records->any || story->records->forbidden)
        for (guint i = 0; i < story->records->unread->len; i++)
            g_ptr_array_add(story->unread, g_strdup(g_ptr_array_index(story->records->unread, i)));
}

/* What today's look would have found as well, were it still so. */
static gboolean
would_show_today(CauseId cause)
{
    return cause == CAUSE_RESTRICTED || cause == CAUSE_RESTRICTED_FILE || cause == CAUSE_IDMAP ||
           cause == CAUSE_CONFIGURATION || cause == CAUSE_FOREIGN_BINARY;
}

static void
set_cause(Story *story, CauseId cause, const char *message, const char *origin, gboolean sure)
{
    story->cause = cause;
    story->message = g_strdup(message);
    story->origin = g_strdup(origin);
    story->sure = sure;
}

/* What is wrong today comes first, for it can be mended; then who is to be believed most. */
static void
decide(Story *story)
{
    if (story->now_cause != CAUSE_NONE) {
        set_cause(story, story->now_cause, story->now_message, _("what a start would find now"),
                  TRUE);
        story->today = TRUE;
        return;
    }
    for (gsize pass = 0; pass < 2 && story->cause == CAUSE_NONE; pass++) {
        for (guint i = story->events->len; i > 0 && story->cause == CAUSE_NONE; i--) {
            const StoryEvent *event = g_ptr_array_index(story->events, i - 1);

            if (event->cause != CAUSE_NONE && event->trusted == (pass == 0))
                set_cause(story, event->cause, event->text, event->source, event->trusted);
        }
    }
    story->mended = story->sure && would_show_today(story->cause);
}

static int
by_time(gconstpointer a, gconstpointer b)
{
    const StoryEvent *x = *(const StoryEvent *const *)a;
    const StoryEvent *y = *(const StoryEvent *const *)b;

    return x->time < y->time ? -1 : x->time > y->time;
}

static void
forget_before(Story *story, gint64 begin)
{
    for (guint i = story->events->len; i > 0; i--) {
        const StoryEvent *event = g_ptr_array_index(story->events, i - 1);

        if (event->time < begin)
            g_ptr_array_remove_index(story->events, i - 1);
    }
}

Story *
story_read(const CtlConfig *config, const CtlDomain *domain, gint64 since)
{
    Story *story = g_new0(Story, 1);
    gint64 started = 0;
    gint64 begin = story_begin(config, domain, &started);
    gint64 failed;

    if (since)
        begin = since;
    story->domain = domain;
    story->events = g_ptr_array_new_with_free_func((GDestroyNotify)event_free);
    story->unread = g_ptr_array_new_with_free_func(g_free);
    failed = story_read_journal(story, config, begin ? begin : moment_now() - BACK_MS);
    /* a start that the helper ended is in no log of the domain's */
    if (!since && !domain->running && failed)
        begin = MAX(begin, failed - ATTEMPT_MS);
    story->since = begin ? begin : moment_now() - BACK_MS;
    forget_before(story, since ? since : MAX(story->since, started));
    g_ptr_array_sort(story->events, by_time);
    story_read_logs(story, config);
    read_denials(story, config);
    story_look_today(story, config);
    decide(story);
    return story;
}
