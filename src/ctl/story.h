/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What became of a domain's last start, or of what was attached to it since: what the helper said, which is
 * in libvirtd's journal; what the launcher and virtiofsd wrote into their logs; what AppArmor denied; and
 * what the definition and the configuration say today.
 *
 * Who is to be believed: the journal, by journald's own fields, is libvirtd's, and what is looked at today is
 * our own. Logs of a virtiofsd and of QEMU are no more than quoted. Whoever has taken over one of these two
 * writes there what it likes, a line of the launcher's too; and a log's lines have no times. The launcher's
 * word counts where it is the last one of a domain that is off and the file was written since the start
 * began: then no virtiofsd came after it. Even so no remedy is made of its words.
 */

#include "ctl/cause.h"
#include "ctl/denial.h"

/* Lines of one log, and events of one story. */
#define STORY_LOG_LINES 8
#define STORY_EVENTS    100

typedef struct {
    gint64 time;      /* moment.h; 0: the source does not say */
    char *source;     /* "journal", or the path of a log */
    gboolean trusted; /* no guest can have written it */
    char *text;
    CauseId cause; /* CAUSE_NONE: it ended nothing */
} StoryEvent;

typedef struct {
    const CtlDomain *domain;
    gint64 since;      /* moment.h: when the story begins */
    GPtrArray *events; /* of StoryEvent */
    AvcRecords *records;
    Denials *denials;
    GPtrArray *unread; /* of char*: what could not be read, and why */
    gboolean forbidden;

    CauseId cause;     /* CAUSE_NONE: none was found */
    char *message;     /* (nullable): whole, of @cause */
    char *origin;      /* (nullable): where @message comes from */
    gboolean today;    /* @message is what a start would end with today */
    gboolean sure;     /* no guest can have written @message */
    gboolean mended;   /* what @cause is about is as it should be today */
    CauseId now_cause; /* of what a start would end with today; CAUSE_NONE: nothing that is seen */
    char *now_message;
} Story;

void story_free(Story *story);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Story, story_free)

/**
 * story_read:
 * @domain: (transfer none): outlives the story
 * @since: when to begin; 0: with the last start
 */
Story *story_read(const CtlConfig *config, const CtlDomain *domain, gint64 since);

/** story_add: (transfer none): adds an event; the oldest go where there are too many. */
void story_add(Story *story, gint64 time, const char *source, gboolean trusted, const char *text,
               CauseId cause);

/* Parts of story_read(). */

/**
 * story_begin:
 * @started: (out): when QEMU was started, of a domain that runs; else 0. What the helper ended before that
 *   was another start.
 * Returns: when the last start began, as far as the host's files say; 0: they do not
 */
gint64 story_begin(const CtlConfig *config, const CtlDomain *domain, gint64 *started);

/** story_read_journal: what the helper said in libvirtd's journal. Returns: when it last failed, or 0. */
gint64 story_read_journal(Story *story, const CtlConfig *config, gint64 since);

/** story_read_logs: of QEMU and each virtiofsd, if they were written since story->since. */
void story_read_logs(Story *story, const CtlConfig *config);

/** story_look_today: sets now_cause and now_message. */
void story_look_today(Story *story, const CtlConfig *config);
