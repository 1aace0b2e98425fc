/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What "virt-aa-ctl plan" found out, and how it says it. */

#include "ctl/force.h"
#include "ctl/path-answer.h"

/* A rules file as it is and as it is to be. */
typedef struct {
    StartSide side;
    gboolean there;     /* there is one on disk */
    GPtrArray *gone;    /* of char*: rules that are on disk, and are not planned */
    GPtrArray *added;   /* of char*: the reverse */
    ForceKernel kernel; /* beside the plan */
} PlanDiff;

void plan_diff_free(PlanDiff *diff);

typedef struct {
    const Start *start;
    guint sides;         /* bits 1 << StartSide: what is shown */
    const char *source;  /* the domain's name, or where the XML came from */
    gboolean running;    /* as far as is known */
    GPtrArray *findings; /* of Finding: why it does not start or compile, and what differs */
    GPtrArray *diffs;    /* of PlanDiff; NULL: not asked for */
    PathAnswer *path;    /* NULL: not asked for */
} PlanShown;

/** plan_diff: Returns: (transfer full): what is on disk and in the kernel of @side, which is planned */
PlanDiff *plan_diff(const Force *force, StartSide side, const Unit *unit);

/** plan_print: as text. */
void plan_print(Output *output, const PlanShown *shown);

/** plan_to_json: Returns: (transfer full): as the document of virt-aa-ctl(8) */
JsonNode *plan_to_json(const PlanShown *shown);
