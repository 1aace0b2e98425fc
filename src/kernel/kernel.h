/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * kernel: the policy that is in force. Compiles text, loads and replaces profiles, removes them,
 * and asks what is loaded, what it allows and who runs under it.
 *
 * apparmor_parser only compiles. Where the kernel's interface can be written, libapparmor writes
 * the result; where it cannot, as under the distribution's profile for virt-aa-helper, the parser
 * is run once more to write it (`apparmor_parser --binary --replace`), as the only program that
 * may. Either way a text of several profiles goes in one write, and the kernel takes it as a set,
 * all or none: security/apparmor/policy.c, aa_replace_profiles(), unpacks and verifies every
 * profile of the buffer and looks up what each replaces before the first is replaced, and replaces
 * all under one lock.
 *
 * Compiling and loading are two calls, so that a caller can compile, then publish the files, then
 * load, and no file is ever published that does not compile.
 *
 * The library kernel-fake has the same header; see kernel-fake.c.
 */

#include <glib.h>

typedef struct {
    const char *parser;      /* path of apparmor_parser */
    const char *include_dir; /* (nullable): searched for <includes> before the system's directory */

    /* For tests. */
    const char *apparmorfs; /* (nullable): stands for securityfs's directory "apparmor"; for the
                               fake, the directory that is the kernel */
    const char *proc;       /* (nullable): stands for "/proc" */
    guint parser_ms; /* how long all runs of the parser may take together; 0: LIMIT_PARSER_MS */
} KernelOptions;

typedef struct _Kernel Kernel;

/** kernel_new: copies @options and looks at nothing yet. */
Kernel *kernel_new(const KernelOptions *options);
void kernel_free(Kernel *kernel);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Kernel, kernel_free)

/** kernel_can_write: whether the kernel's interface is there and we may write to it. */
gboolean kernel_can_write(Kernel *kernel);

/* Policy that compiles, as of one text. */
typedef struct _KernelPolicy KernelPolicy;
void kernel_policy_free(KernelPolicy *policy);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(KernelPolicy, kernel_policy_free)

/**
 * kernel_compile:
 * @text: one or more profiles
 * @warnings: (out) (optional) (nullable) (transfer full): what the parser said although it
 *   succeeded
 *
 * Needs no privilege and no AppArmor in the kernel.
 *
 * Returns: (transfer full): the policy, or NULL with BASE_ERROR_POLICY and the parser's own message
 *   if @text does not compile
 */
KernelPolicy *
kernel_compile(Kernel *kernel, const char *text, gsize len, char **warnings, GError **error);

typedef enum {
    KERNEL_AS_IT_SAYS, /* each profile in the mode that its flags say */
    KERNEL_COMPLAIN,   /* all of them, and their children, in complain mode */
} KernelMode;

/** kernel_compile_mode: kernel_compile(), which is KERNEL_AS_IT_SAYS, in a mode. */
KernelPolicy *kernel_compile_mode(Kernel *kernel, const char *text, gsize len, KernelMode mode,
                                  char **warnings, GError **error);
/** kernel_policy_binary: Returns: (transfer none) (nullable): as compiled; NULL in a fake without a parser */
GBytes *kernel_policy_binary(const KernelPolicy *policy);

/**
 * kernel_policy_append:
 * Makes @policy the set of its profiles and those of @more, which are then loaded together: all or
 * none. Two texts, each with a preamble of its own, cannot be compiled as one.
 */
void kernel_policy_append(KernelPolicy *policy, const KernelPolicy *more);

/**
 * kernel_mark:
 * @text: of a profile
 * Returns: (transfer full): a path that is nobody's, as it lies below a file, and another for each text. A
 *   rule that allows to read it makes the profile one that kernel_has_policy() knows again
 */
char *kernel_mark(const char *text);

typedef enum {
    KERNEL_ADD,     /* refused if a profile of the name is loaded */
    KERNEL_REPLACE, /* replaces it, under whoever runs under it; adds what is not loaded */
} KernelHow;

/**
 * kernel_commit:
 * Loads @policy as it was compiled, whatever became of the files that its text includes.
 *
 * A refusal names the profiles and says what may be done; it is BASE_ERROR_DENIED if we are not
 * allowed to, and BASE_ERROR_UNSURE where the policy may be loaded all the same.
 */
gboolean kernel_commit(Kernel *kernel, const KernelPolicy *policy, KernelHow how, GError **error);

/**
 * kernel_remove:
 * @profile: a name as libvirt makes them, of letters, digits, '.', '_' and '-'
 * @was_loaded: (out): FALSE if there was no such profile, which is no error
 *
 * Whoever runs under it is unconfined from then on, and so is who has set it for its next exec:
 * kernel_unload() is what asks first.
 */
gboolean kernel_remove(Kernel *kernel, const char *profile, gboolean *was_loaded, GError **error);

/**
 * kernel_has_profile:
 * Fails where the list of profiles cannot be read, for then nobody knows.
 */
gboolean kernel_has_profile(Kernel *kernel, const char *profile, gboolean *loaded, GError **error);

/**
 * kernel_has_policy:
 * @mark: of kernel_mark()
 * Whether @profile is loaded, and as the policy that was compiled with a rule for @mark.
 *
 * The name alone says little: a reload of the system's policy, an apparmor_parser run by hand or an older
 * call of ours leaves another policy under it. The kernel has a hash of each policy, but shows it where a
 * confined helper may not look: securityfs's "policy" leads to a file system without a place, and its files
 * have disconnected paths. What everybody may ask is whether a label allows something (.access).
 * FALSE wherever there is no answer.
 */
gboolean kernel_has_policy(Kernel *kernel, const char *profile, const char *mark);

/**
 * kernel_query_file:
 * @path: as the kernel builds names: a directory ends in '/'
 * @allowed: (out): what @profile, as it is loaded, lets its processes do to the file @path, if it is not
 *   theirs alone: of DfaPermission, kernel/dfa.h
 * @error: BASE_ERROR_NOT_FOUND: it is not loaded; BASE_ERROR_DENIED: we may not ask
 */
gboolean kernel_query_file(Kernel *kernel, const char *profile, const char *path, guint32 *allowed,
                           GError **error);

/**
 * kernel_allows:
 * @path: as AppArmor names it, that of a directory with a slash at its end
 * @mask: letters of an audit record's denied_mask: "r", "w", "a", "c", "d", "k", "m"
 * @allowed: (out): whether @profile, as it is loaded, allows all of it
 * Returns: FALSE where nobody knows: @profile is not loaded, the kernel does not answer, or @mask has another
 *   letter, as that of a link, of which the path alone says little
 */
gboolean kernel_allows(Kernel *kernel, const char *profile, const char *path, const char *mask,
                       gboolean *allowed);

/**
 * kernel_label_in_use:
 * Whether a thread of any process has @label, alone or in a stack, or a child profile of it, or has
 * set such a label for its next exec, which older kernels do not show (users.h). Where one cannot be
 * asked, this fails rather than guesses, and the caller must keep the profile.
 */
gboolean kernel_label_in_use(Kernel *kernel, const char *label, gboolean *in_use, GError **error);

typedef enum {
    KERNEL_STAYS,          /* as it was: its label is in use */
    KERNEL_UNLOADED,       /* it was loaded, and is no more */
    KERNEL_WAS_NOT_LOADED, /* there was nothing to do */
} KernelUnload;

/**
 * kernel_unload:
 * @profile: as of kernel_remove()
 * @outcome: (out): KERNEL_STAYS as well where this fails, because nobody knows who runs under it or
 *   the kernel refused
 *
 * Removes @profile unless kernel_label_in_use().
 *
 * Who takes the label between the look and the removal is unconfined all the same. The kernel has no
 * way to do both in one, and a profile without rules in the place of @profile would change nothing:
 * it can be entered as well, and must be removed in the end. So the caller has to keep out who might
 * enter: by a lock that a launcher has from before it sets its label until it has executed.
 */
gboolean kernel_unload(Kernel *kernel, const char *profile, KernelUnload *outcome, GError **error);
