/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The whole start of a domain as libvirtd is going to run it, without running it: the first call of
 * virt-aa-helper (-c, or -r where there is a profile already), each call with -F that follows, and what the
 * launcher then refuses. The calls are made by the helper's own functions, one on what the other would have
 * recorded, so that what comes of it is what the helper would write.
 *
 * Two things are libvirtd's to say and are assumed: the id of a domain that is off, and which of two names a
 * domain's directories have (domain_short_names()).
 */

#include "ctl/finding.h"
#include "helper/plan.h"

/* What is taken for the id where nobody says one: libvirtd gives the next that is free. */
#define START_ASSUMED_ID 1

/* One call of virt-aa-helper. */
typedef struct {
    char *argument;    /* of -F; NULL: the first call */
    gboolean foreseen; /* the first call grants it already */
    GPtrArray *grants; /* of Grant: what it asks for */
} StartCall;

/* Which of a VM's two profiles. */
typedef enum {
    START_QEMU,
    START_VIRTIOFSD,
} StartSide;

#define START_SIDES 2

/* A rule, and where it comes from. */
typedef struct {
    char *text;         /* as it stands in the file, without its indentation */
    const Grant *grant; /* in START's grants */
    char *element;      /* (nullable): as of Origin */
    guint line;         /* of @element; 0: none */
    char *cause; /* (nullable): where it comes from no element, a sentence without its full stop */
} StartRule;

typedef struct {
    Options options;  /* of the first call, as a dry run */
    Request *request; /* the first call; its model is NULL where that is refused */
    gboolean id_assumed;
    GPtrArray *calls;    /* of StartCall, in their order */
    Plan *plan;          /* (nullable): after the last call; NULL: the first is refused */
    GPtrArray *refusals; /* of Finding: why the VM would not start, or a share not be attached */
    GPtrArray *grants[START_SIDES]; /* of Grant: of each profile */
    GPtrArray *rules[START_SIDES];  /* of StartRule; empty: there is no such profile */
} Start;

/**
 * start_new:
 * @config: what the helper was built with; must outlive the start
 * @xml: the definition, @len bytes of it
 * @id: of a domain that is off, what it is going to have; -1: START_ASSUMED_ID
 * @error: @xml is no domain's, or this host cannot be asked. What the helper or the launcher would refuse is
 *   no error: see refusals
 * Reads the host, the settings and the policy directory, and writes nothing.
 */
Start *start_new(const HelperConfig *config, const char *xml, gsize len, int id, GError **error);
void start_free(Start *start);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Start, start_free)

/** start_is_refused: whether one of the refusals is certain: of what may not be read it is not known. */
gboolean start_is_refused(const Start *start);

/** start_planned: Returns: (transfer none) (nullable): the profile of @side; NULL: there is none */
const PlannedProfile *start_planned(const Start *start, StartSide side);
