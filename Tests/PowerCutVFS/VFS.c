// SQLite's calls, turned into changes of the disk. After the power has gone all of them fail but those that only let go.
#include "Disk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/// An open file. SQLite allocates it.
typedef struct {
    sqlite3_file base;
    powercut_disk *disk;
    disk_file *file;
    char name[name_limit];
    bool is_temporary;
    bool owes_folder_sync;
    int lock;
    bool uses_shm;
    unsigned shm_shared, shm_exclusive; // slots, a bit each
} handle;

static handle *handle_of(sqlite3_file *file) { return (handle *)file; }
static powercut_disk *disk_of(sqlite3_vfs *vfs) { return vfs->pAppData; }

// MARK: Reading and changing

static int file_read(sqlite3_file *opened, void *bytes, int count, sqlite3_int64 offset) {
    handle *self = handle_of(opened);
    pthread_mutex_lock(&self->disk->lock);
    int result = SQLITE_OK;
    const content *current = &self->file->current;
    if (self->disk->is_off) {
        result = SQLITE_IOERR_READ;
    } else {
        size_t available = (size_t)offset < current->size ? current->size - (size_t)offset : 0;
        if (available >= (size_t)count) {
            memcpy(bytes, current->bytes + offset, (size_t)count);
        } else {
            memset(bytes, 0, (size_t)count);
            if (available > 0) memcpy(bytes, current->bytes + offset, available);
            result = SQLITE_IOERR_SHORT_READ;
        }
    }
    pthread_mutex_unlock(&self->disk->lock);
    return result;
}

static int file_write(sqlite3_file *opened, const void *bytes, int count, sqlite3_int64 offset) {
    handle *self = handle_of(opened);
    pthread_mutex_lock(&self->disk->lock);
    bool succeeded = true;
    if (self->is_temporary) {
        content_write(&self->file->current, (size_t)offset, bytes, (size_t)count);
    } else {
        succeeded = disk_write(self->disk, self->file, self->name, (size_t)offset, bytes, (size_t)count);
    }
    pthread_mutex_unlock(&self->disk->lock);
    return succeeded ? SQLITE_OK : SQLITE_IOERR_WRITE;
}

static int file_truncate(sqlite3_file *opened, sqlite3_int64 size) {
    handle *self = handle_of(opened);
    pthread_mutex_lock(&self->disk->lock);
    bool succeeded = true;
    if (self->is_temporary) {
        content_truncate(&self->file->current, (size_t)size);
    } else {
        succeeded = disk_truncate(self->disk, self->file, self->name, (size_t)size);
    }
    pthread_mutex_unlock(&self->disk->lock);
    return succeeded ? SQLITE_OK : SQLITE_IOERR_TRUNCATE;
}

static int file_sync(sqlite3_file *opened, int flags) {
    (void)flags;
    handle *self = handle_of(opened);
    if (self->is_temporary) return SQLITE_OK;
    pthread_mutex_lock(&self->disk->lock);
    bool succeeded = disk_sync(self->disk, self->file, self->name);
    if (succeeded && self->owes_folder_sync) {
        succeeded = disk_sync_folder(self->disk);
        if (succeeded) self->owes_folder_sync = false;
    }
    pthread_mutex_unlock(&self->disk->lock);
    return succeeded ? SQLITE_OK : SQLITE_IOERR_FSYNC;
}

static int file_size(sqlite3_file *opened, sqlite3_int64 *size) {
    handle *self = handle_of(opened);
    pthread_mutex_lock(&self->disk->lock);
    bool is_off = self->disk->is_off;
    *size = (sqlite3_int64)self->file->current.size;
    pthread_mutex_unlock(&self->disk->lock);
    return is_off ? SQLITE_IOERR_FSTAT : SQLITE_OK;
}

static int file_control(sqlite3_file *opened, int operation, void *argument) {
    (void)opened, (void)operation, (void)argument;
    return SQLITE_NOTFOUND;
}

static int file_sector_size(sqlite3_file *opened) {
    (void)opened;
    return 4096; // as on Linux
}

static int file_characteristics(sqlite3_file *opened) {
    (void)opened;
    return SQLITE_IOCAP_POWERSAFE_OVERWRITE; // as on Linux
}

// MARK: Locks of the file

static bool is_free(const void *holder, const handle *self) { return holder == NULL || holder == self; }

static int file_lock(sqlite3_file *opened, int level) {
    handle *self = handle_of(opened);
    if (self->lock >= level) return SQLITE_OK;
    pthread_mutex_lock(&self->disk->lock);
    disk_file *file = self->file;
    int result = SQLITE_OK;
    bool is_alone = is_free(file->pending, self) && is_free(file->exclusive, self);
    if (!is_alone || (level > SQLITE_LOCK_SHARED && !is_free(file->reserved, self))) {
        result = SQLITE_BUSY;
    } else if (level == SQLITE_LOCK_SHARED) {
        file->shared_locks++;
    } else if (level == SQLITE_LOCK_RESERVED) {
        file->reserved = self;
    } else {
        file->pending = self;
        if (file->shared_locks > 1) {
            self->lock = SQLITE_LOCK_PENDING;
            result = SQLITE_BUSY;
        } else {
            file->exclusive = self;
        }
    }
    if (result == SQLITE_OK) self->lock = level;
    pthread_mutex_unlock(&self->disk->lock);
    return result;
}

static int file_unlock(sqlite3_file *opened, int level) {
    handle *self = handle_of(opened);
    if (self->lock <= level) return SQLITE_OK;
    pthread_mutex_lock(&self->disk->lock);
    disk_file *file = self->file;
    if (file->reserved == self) file->reserved = NULL;
    if (file->pending == self) file->pending = NULL;
    if (file->exclusive == self) file->exclusive = NULL;
    if (level == SQLITE_LOCK_NONE) file->shared_locks--;
    self->lock = level;
    pthread_mutex_unlock(&self->disk->lock);
    return SQLITE_OK;
}

static int file_is_reserved(sqlite3_file *opened, int *result) {
    handle *self = handle_of(opened);
    pthread_mutex_lock(&self->disk->lock);
    *result = self->file->reserved != NULL;
    pthread_mutex_unlock(&self->disk->lock);
    return SQLITE_OK;
}

// MARK: The memory that connections share

static int shm_map(sqlite3_file *opened, int region, int size, int may_extend, void volatile **memory) {
    handle *self = handle_of(opened);
    pthread_mutex_lock(&self->disk->lock);
    disk_file *file = self->file;
    *memory = NULL;
    if (self->disk->is_off) {
        pthread_mutex_unlock(&self->disk->lock);
        return SQLITE_IOERR_SHMMAP;
    }
    if (!self->uses_shm) {
        self->uses_shm = true;
        file->shm_users++;
    }
    if (region >= file->shm_region_count && may_extend) {
        file->shm_regions = realloc(file->shm_regions, ((size_t)region + 1) * sizeof(void *));
        if (file->shm_regions == NULL) abort();
        while (file->shm_region_count <= region) {
            file->shm_regions[file->shm_region_count++] = disk_allocate((size_t)size);
        }
    }
    if (region < file->shm_region_count) *memory = file->shm_regions[region];
    pthread_mutex_unlock(&self->disk->lock);
    return SQLITE_OK;
}

static void shm_unlock(handle *self, unsigned slots) {
    for (int slot = 0; slot < shm_slots; slot++) {
        unsigned bit = 1u << slot & slots;
        if (self->shm_shared & bit) self->file->shm_shared[slot]--;
        if (self->shm_exclusive & bit) self->file->shm_exclusive[slot] = NULL;
    }
    self->shm_shared &= ~slots;
    self->shm_exclusive &= ~slots;
}

static int shm_lock(sqlite3_file *opened, int first, int count, int flags) {
    handle *self = handle_of(opened);
    unsigned slots = ((1u << count) - 1) << first;
    bool is_shared = (flags & SQLITE_SHM_SHARED) != 0;
    pthread_mutex_lock(&self->disk->lock);
    disk_file *file = self->file;
    int result = SQLITE_OK;
    if (flags & SQLITE_SHM_UNLOCK) {
        shm_unlock(self, slots);
    } else {
        for (int slot = first; slot < first + count; slot++) {
            int others = file->shm_shared[slot] - ((self->shm_shared >> slot & 1) != 0);
            if (!is_free(file->shm_exclusive[slot], self) || (!is_shared && others > 0)) result = SQLITE_BUSY;
        }
        for (int slot = first; result == SQLITE_OK && slot < first + count; slot++) {
            unsigned bit = 1u << slot;
            if (!is_shared) {
                file->shm_exclusive[slot] = self;
                self->shm_exclusive |= bit;
            } else if (!(self->shm_shared & bit)) {
                file->shm_shared[slot]++;
                self->shm_shared |= bit;
            }
        }
    }
    pthread_mutex_unlock(&self->disk->lock);
    return result;
}

static void shm_barrier(sqlite3_file *opened) {
    handle *self = handle_of(opened);
    pthread_mutex_lock(&self->disk->lock);
    pthread_mutex_unlock(&self->disk->lock);
}

static int shm_unmap(sqlite3_file *opened, int is_deleted) {
    (void)is_deleted;
    handle *self = handle_of(opened);
    pthread_mutex_lock(&self->disk->lock);
    disk_file *file = self->file;
    shm_unlock(self, ~0u);
    if (self->uses_shm && --file->shm_users == 0) {
        for (int region = 0; region < file->shm_region_count; region++) free(file->shm_regions[region]);
        free(file->shm_regions);
        file->shm_regions = NULL;
        file->shm_region_count = 0;
    }
    self->uses_shm = false;
    pthread_mutex_unlock(&self->disk->lock);
    return SQLITE_OK;
}

static int file_close(sqlite3_file *opened) {
    handle *self = handle_of(opened);
    shm_unmap(opened, 0);
    file_unlock(opened, SQLITE_LOCK_NONE);
    disk_release(self->disk);
    return SQLITE_OK;
}

static const sqlite3_io_methods methods = {
    .iVersion = 2, // no memory mapping of the file: it could not be seen what is written
    .xClose = file_close,
    .xRead = file_read,
    .xWrite = file_write,
    .xTruncate = file_truncate,
    .xSync = file_sync,
    .xFileSize = file_size,
    .xLock = file_lock,
    .xUnlock = file_unlock,
    .xCheckReservedLock = file_is_reserved,
    .xFileControl = file_control,
    .xSectorSize = file_sector_size,
    .xDeviceCharacteristics = file_characteristics,
    .xShmMap = shm_map,
    .xShmLock = shm_lock,
    .xShmBarrier = shm_barrier,
    .xShmUnmap = shm_unmap,
};

// MARK: The folder

static int vfs_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *opened, int flags, int *result_flags) {
    powercut_disk *disk = disk_of(vfs);
    handle *self = handle_of(opened);
    memset(self, 0, sizeof *self);
    self->disk = disk;
    pthread_mutex_lock(&disk->lock);
    int result = disk->is_off ? SQLITE_IOERR : SQLITE_OK;
    if (result == SQLITE_OK && name == NULL) {
        self->is_temporary = true;
        self->file = disk_new_file(disk);
    } else if (result == SQLITE_OK) {
        snprintf(self->name, sizeof self->name, "%s", name);
        self->file = disk_find(disk, name);
        bool is_log = (flags & (SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_SUPER_JOURNAL)) != 0;
        if (self->file != NULL) {
            if ((flags & SQLITE_OPEN_EXCLUSIVE) && (flags & SQLITE_OPEN_CREATE)) result = SQLITE_CANTOPEN;
        } else if (!(flags & SQLITE_OPEN_CREATE)) {
            result = SQLITE_CANTOPEN;
        } else {
            self->file = disk_new_file(disk);
            if (!disk_create_name(disk, name, self->file)) result = SQLITE_IOERR;
            if (result == SQLITE_OK && !is_log && !disk_sync_folder(disk)) result = SQLITE_IOERR;
        }
        self->owes_folder_sync = is_log && (flags & SQLITE_OPEN_CREATE) != 0;
    }
    if (result == SQLITE_OK) {
        disk->references++;
        self->base.pMethods = &methods;
        if (result_flags != NULL) *result_flags = flags;
    }
    pthread_mutex_unlock(&disk->lock);
    return result;
}

static int vfs_delete(sqlite3_vfs *vfs, const char *name, int syncs_folder) {
    powercut_disk *disk = disk_of(vfs);
    pthread_mutex_lock(&disk->lock);
    int result = SQLITE_OK;
    if (disk->is_off) {
        result = SQLITE_IOERR_DELETE;
    } else if (disk_find(disk, name) == NULL) {
        result = SQLITE_IOERR_DELETE_NOENT;
    } else if (!disk_delete_name(disk, name) || (syncs_folder && !disk_sync_folder(disk))) {
        result = SQLITE_IOERR_DELETE;
    }
    pthread_mutex_unlock(&disk->lock);
    return result;
}

static int vfs_access(sqlite3_vfs *vfs, const char *name, int question, int *answer) {
    powercut_disk *disk = disk_of(vfs);
    pthread_mutex_lock(&disk->lock);
    disk_file *file = disk_find(disk, name);
    // An empty file is as good as none, to SQLite on Linux too.
    *answer = file != NULL && (question != SQLITE_ACCESS_EXISTS || file->current.size > 0);
    int result = disk->is_off ? SQLITE_IOERR_ACCESS : SQLITE_OK;
    pthread_mutex_unlock(&disk->lock);
    return result;
}

static int vfs_full_path(sqlite3_vfs *vfs, const char *name, int size, char *path) {
    (void)vfs;
    return snprintf(path, (size_t)size, "%s", name) < size ? SQLITE_OK : SQLITE_CANTOPEN;
}

// MARK: What is not the disk's

static sqlite3_vfs *usual(void) { return sqlite3_vfs_find(NULL); }

static int vfs_randomness(sqlite3_vfs *vfs, int count, char *bytes) {
    (void)vfs;
    return usual()->xRandomness(usual(), count, bytes);
}

static int vfs_sleep(sqlite3_vfs *vfs, int microseconds) {
    (void)vfs;
    return usual()->xSleep(usual(), microseconds);
}

static int vfs_time(sqlite3_vfs *vfs, double *days) {
    (void)vfs;
    return usual()->xCurrentTime(usual(), days);
}

static int vfs_time_in_milliseconds(sqlite3_vfs *vfs, sqlite3_int64 *milliseconds) {
    (void)vfs;
    return usual()->xCurrentTimeInt64(usual(), milliseconds);
}

static int vfs_last_error(sqlite3_vfs *vfs, int size, char *text) {
    (void)vfs, (void)size, (void)text;
    return 0;
}

void vfs_prepare(powercut_disk *disk) {
    disk->vfs = (sqlite3_vfs){
        .iVersion = 2,
        .szOsFile = sizeof(handle),
        .mxPathname = name_limit - 1,
        .zName = disk->vfs_name,
        .pAppData = disk,
        .xOpen = vfs_open,
        .xDelete = vfs_delete,
        .xAccess = vfs_access,
        .xFullPathname = vfs_full_path,
        .xRandomness = vfs_randomness,
        .xSleep = vfs_sleep,
        .xCurrentTime = vfs_time,
        .xGetLastError = vfs_last_error,
        .xCurrentTimeInt64 = vfs_time_in_milliseconds,
    };
}
