/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Whether a VM may touch a path, by which rule, and if not, what would change that.
 *
 * Whether is the answer of the policy that a start would load, as apparmor_parser compiles it, and of the
 * kernel for what is loaded. By which is looked up among the grants of the start, which know their element,
 * and in the text of the profile and what it includes.
 */

#include <json-glib/json-glib.h>

#include "ctl/force.h"

/* A rule that is about the path. */
typedef struct {
    char *text;
    char *from; /* "line 24: disk 'vda'", "/etc/apparmor.d/abstractions/libvirt-qemu, line 31", … */
    guint line; /* of the element that it comes from; 0: none */
    gboolean deny;
} PathRule;

typedef struct {
    gboolean planned; /* there is such a profile; else nothing of the next three counts */
    guint32 allowed;  /* of DfaPermission: to the path; of a directory, to itself */
    guint32 below;    /* of a directory: to what is in it */
    guint32
        denied; /* refused by a rule that says so: to the path, of a directory to what is in it */
    gboolean loaded;      /* the kernel has such a profile, and said what follows */
    guint32 kernel;       /* as allowed */
    guint32 kernel_below; /* as below */
    GPtrArray *rules;     /* of PathRule */
    GPtrArray *remedies;  /* of char*: commands, and what to change */
} PathSide;

typedef struct {
    char *asked;
    char *path; /* resolved: what the kernel sees */
    gboolean exists;
    gboolean is_dir;
    PathSide sides[START_SIDES];
} PathAnswer;

/**
 * path_answer_new:
 * @force: of both sides of @start
 * @include_dir: what includes are below
 * @path: as the person has it; one that is not absolute is below the current directory
 * @error: the policy does not compile, or the path cannot be resolved
 */
PathAnswer *path_answer_new(const Start *start, Force *force, const char *include_dir,
                            const char *path, GError **error);
void path_answer_free(PathAnswer *answer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(PathAnswer, path_answer_free)

/** path_answer_effective: Returns: of DfaPermission: what of the path itself, or in a directory, is allowed */
guint32 path_answer_effective(const PathAnswer *answer, StartSide side);

/** path_answer_print, path_answer_to_json: @sides: bits 1 << StartSide */
void path_answer_print(Output *output, const PathAnswer *answer, guint sides);
void path_answer_to_json(JsonBuilder *builder, const PathAnswer *answer, guint sides);
