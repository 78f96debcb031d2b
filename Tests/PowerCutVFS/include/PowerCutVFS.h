#pragma once
// A disk in memory that forgets, for tests: a file system of SQLite (a VFS) that keeps apart what was synced from what
// was only written, and can lose its power at any change. Then the test takes images of it, as a real disk might look
// after a power cut, and opens them as disks of their own.
//
// What it is not: a fast file system, or one for other processes. Nothing of it ever reaches a real disk.
//
// The model, after what POSIX promises and what SQLite's own "unix" file system does on Linux:
//   - A write or a truncation is durable once its file has been synced. Until then a power cut may keep any part of it,
//     by sectors of 512 bytes, whatever became of the writes before and after it.
//   - A new or deleted name is durable once the folder has been synced. A disk is one folder.
//   - A sync of a new log or journal syncs the folder too; so does a deletion that asks for it.
//   - A database's own file is made, and its folder synced, as it is opened: as the program does before SQLite is asked.
//   - Bytes beside an unsynced write are safe (SQLITE_IOCAP_POWERSAFE_OVERWRITE).
//   - The memory that connections share (-shm) and locks are gone with the power.
//
// Every function may be called on any thread.
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct powercut_disk powercut_disk;
typedef struct powercut_image powercut_image;

/// What becomes of the changes that were not synced.
typedef enum {
    powercut_dropped, ///< None was kept.
    powercut_kept,    ///< All were kept: as after the death of the process alone.
    powercut_torn,    ///< Some were, in part: which, the seed decides.
} powercut_fate;

/// A disk with the image's files, all of them durable; an empty one for NULL. Its VFS is registered at once.
powercut_disk *powercut_disk_create(const powercut_image *start);
/// Unregisters the VFS. Files that are still open keep the memory until they are closed.
void powercut_disk_release(powercut_disk *disk);

/// The name of its VFS, for sqlite3_open_v2; lives as long as the disk.
const char *powercut_disk_vfs(const powercut_disk *disk);

/// The power goes with the change of this number, counted from 1: it fails, and so does every call after it. Nobody
/// knows what became of the change itself.
void powercut_disk_cut_at(powercut_disk *disk, uint64_t step);
/// The power goes now.
void powercut_disk_cut(powercut_disk *disk);
bool powercut_disk_is_off(powercut_disk *disk);

/// How many changes there were: writes, truncations, syncs of a file or the folder, deleted and new names.
uint64_t powercut_disk_steps(powercut_disk *disk);
/// Describes the last of them in words; returns how many characters there are, of which `size` - 1 fit.
size_t powercut_disk_last_step(powercut_disk *disk, char *text, size_t size);

/// From now on syncs of files whose names end with `suffix` do nothing, and say that they did; with "", all of them.
void powercut_disk_lie(powercut_disk *disk, const char *suffix);

/// The name of the file of this index; NULL beyond the last. Valid until files come or go.
const char *powercut_disk_name(powercut_disk *disk, size_t index);

/// The disk as it may be found when the power is back. The same seed gives the same image.
powercut_image *powercut_disk_image(powercut_disk *disk, powercut_fate fate, uint64_t seed);
void powercut_image_free(powercut_image *image);
