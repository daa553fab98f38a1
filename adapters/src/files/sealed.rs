//! Sealed files: pieces of 64 KiB, each sealed with its number and whether it is the last, under a key of the file's own.

use std::{
    io::{self, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
};

use bytes::Bytes;
use futures_util::{Stream, stream};
use hmac::{Hmac, KeyInit, Mac};
use sm3::Sm3;
use tempfile::NamedTempFile;

use super::{FILE_BYTES_MAX, FREE, FileError};
use crate::{
    seal::{DataKey, Keyring},
    store::StoreError,
};

/// Plain bytes of a piece.
const PIECE: usize = 64 * 1024;
/// What sealing adds to a piece: nonce and tag.
const ADDED: usize = 12 + 16;
/// Plain bytes at the beginning that are kept at hand: enough to know a kind.
const HEAD: usize = 4 * 1024;

fn failed(doing: &'static str) -> impl Fn(io::Error) -> StoreError {
    move |source| StoreError::File { doing, source }
}

fn place(no: u64, last: bool) -> String {
    format!("file|{no}|{}", if last { "last" } else { "more" })
}

/// A running keyed hash of a file's content.
fn content_hash(keys: &Keyring) -> Hmac<Sm3> {
    let mut hash = <Hmac<Sm3> as KeyInit>::new_from_slice(keys.hash_key()).expect("HMAC takes a key of any length");
    hash.update(b"file\0");
    hash
}

/// The name that a file's pieces have on disk: its id, and its key's, because the same content may come twice at once.
fn name(id: &str, wrapped: &str) -> String {
    let key = wrapped.split(':').nth(3).unwrap_or_default();
    format!("{id}-{key}")
}

fn path_of(folder: &Path, id: &str, wrapped: &str) -> PathBuf {
    folder.join(id.get(..2).unwrap_or("xx")).join(name(id, wrapped))
}

/// A file that is coming in: each piece is sealed as soon as it is there, and memory holds one.
pub struct Incoming {
    key: DataKey,
    parent: DataKey,
    hash: Hmac<Sm3>,
    rest: NamedTempFile,
    piece: Vec<u8>,
    head: Vec<u8>,
    no: u64,
    size: u64,
}

impl Incoming {
    /// Nothing has come yet; it gets a fresh key below `parent`, which is [`FREE`]'s.
    pub(super) fn begin(keys: &Keyring, parent: DataKey, folder: &Path) -> Result<Self, StoreError> {
        std::fs::create_dir_all(folder).map_err(failed("make the folder of files"))?;
        let rest = NamedTempFile::new_in(folder).map_err(failed("begin a file"))?;
        // whose key it is, its content says when all of it is there: it is wrapped then
        let (key, _) = parent.make_key(FREE, "")?;
        let piece = Vec::with_capacity(PIECE);
        Ok(Self { key, parent, hash: content_hash(keys), rest, piece, head: Vec::new(), no: 0, size: 0 })
    }

    /// These bytes came.
    ///
    /// # Errors
    /// They are too many by now, or the disk does not take them.
    pub fn push(&mut self, mut bytes: &[u8]) -> Result<(), FileError> {
        self.size += bytes.len() as u64;
        if self.size > FILE_BYTES_MAX {
            return Err(FileError::TooLarge);
        }
        self.hash.update(bytes);
        while !bytes.is_empty() {
            if self.piece.len() == PIECE {
                self.seal(false)?;
            }
            let (now, later) = bytes.split_at(bytes.len().min(PIECE - self.piece.len()));
            self.piece.extend_from_slice(now);
            bytes = later;
        }
        Ok(())
    }

    /// That was all.
    ///
    /// # Errors
    /// Nothing came, or the disk does not take it.
    pub fn finish(mut self) -> Result<Received, FileError> {
        if self.size == 0 {
            return Err(FileError::Empty);
        }
        self.seal(true)?;
        let Self { key, parent, hash, rest, head, size, .. } = self;
        let id = hex::encode(hash.finalize().into_bytes());
        let wrapped = parent.wrap(FREE, &id, &key).map_err(StoreError::from)?;
        Ok(Received { id, size, head, wrapped, key, rest })
    }

    fn seal(&mut self, last: bool) -> Result<(), StoreError> {
        let sealed = self.key.seal_bytes(&place(self.no, last), &self.piece)?;
        self.rest.write_all(&sealed).map_err(failed("write a file"))?;
        if self.no == 0 {
            self.head = self.piece[..self.piece.len().min(HEAD)].to_vec();
        }
        self.piece.clear();
        self.no += 1;
        Ok(())
    }
}

/// A file that has come in, sealed, not yet at its place; gone if it is dropped.
pub struct Received {
    /// Keyed hash of its content.
    pub(super) id: String,
    /// Bytes.
    pub(super) size: u64,
    /// Its first bytes, plain: enough to know its kind.
    pub(super) head: Vec<u8>,
    /// Its key, wrapped.
    pub(super) wrapped: String,
    key: DataKey,
    rest: NamedTempFile,
}

impl Received {
    /// Its content, opened piece by piece.
    pub(super) fn reader(&self) -> Result<Reader, StoreError> {
        Reader::open(self.rest.path(), self.key.clone())
    }

    /// The whole of it, for what is read at once and not kept.
    ///
    /// # Errors
    /// It cannot be read again.
    pub async fn bytes(&self) -> Result<Vec<u8>, StoreError> {
        self.reader()?.bytes().await
    }

    /// Puts it at its place below `folder`, on disk when this returns; says where.
    pub(super) async fn settle(self, folder: &Path) -> Result<PathBuf, StoreError> {
        let path = path_of(folder, &self.id, &self.wrapped);
        let settle = move || {
            let parent = path.parent().unwrap_or(Path::new(".")).to_path_buf();
            std::fs::create_dir_all(&parent)?;
            self.rest.as_file().sync_all()?;
            self.rest.persist(&path).map_err(|error| error.error)?;
            // The name, too, must be on disk: that of the file, and that of its folder.
            std::fs::File::open(&parent)?.sync_all()?;
            if let Some(above) = parent.parent() {
                std::fs::File::open(above)?.sync_all()?;
            }
            Ok(path)
        };
        tokio::task::spawn_blocking(settle).await.map_err(|_| StoreError::Closed)?.map_err(failed("put a file on disk"))
    }
}

/// Takes the pieces of a kept file off the disk; what is gone already is gone.
pub(super) async fn destroy(folder: &Path, id: &str, wrapped: &str) -> Result<(), StoreError> {
    match tokio::fs::remove_file(path_of(folder, id, wrapped)).await {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(failed("destroy a file")(error)),
        _ => Ok(()),
    }
}

/// A sealed file, read from any place in it: a piece is opened when something of it is asked for, and one is held.
pub(super) struct Reader {
    file: std::fs::File,
    key: DataKey,
    pieces: u64,
    size: u64,
    at: u64,
    opened: Option<(u64, Vec<u8>)>,
}

impl Reader {
    fn open(path: &Path, key: DataKey) -> Result<Self, StoreError> {
        const DOING: &str = "read a file";
        let file = std::fs::File::open(path).map_err(failed(DOING))?;
        let length = file.metadata().map_err(failed(DOING))?.len();
        let pieces = length.div_ceil((PIECE + ADDED) as u64);
        let size = length.checked_sub(pieces * ADDED as u64).filter(|size| *size > 0);
        let size = size.ok_or_else(|| StoreError::corrupt(DOING, format!("{} was cut off", path.display())))?;
        Ok(Self { file, key, pieces, size, at: 0, opened: None })
    }

    /// That of the kept file `id`, whose key is `key` and has the wrapped form `wrapped`.
    pub(super) fn of_kept(folder: &Path, id: &str, (key, wrapped): (DataKey, &str)) -> Result<Self, StoreError> {
        Self::open(&path_of(folder, id, wrapped), key)
    }

    /// One piece: changed, moved, or last where it was not, it does not open.
    fn piece(&mut self, no: u64) -> Result<Vec<u8>, StoreError> {
        const DOING: &str = "read a file";
        let full = (PIECE + ADDED) as u64;
        let mut sealed = Vec::with_capacity(PIECE + ADDED);
        self.file.seek(SeekFrom::Start(no * full)).map_err(failed(DOING))?;
        (&self.file).take(full).read_to_end(&mut sealed).map_err(failed(DOING))?;
        Ok(self.key.open_bytes(&place(no, no + 1 == self.pieces), &sealed)?)
    }

    /// Its pieces in order, each opened when it is asked for.
    pub(super) fn stream(self) -> impl Stream<Item = io::Result<Bytes>> + Send + 'static {
        stream::try_unfold((self, 0), |(mut reader, no)| async move {
            let open = move || {
                if no == reader.pieces {
                    return Ok(None);
                }
                let piece = reader.piece(no).map_err(io::Error::other)?;
                Ok(Some((Bytes::from(piece), (reader, no + 1))))
            };
            tokio::task::spawn_blocking(open).await.map_err(io::Error::other)?
        })
    }

    /// All of it at once.
    pub(super) async fn bytes(mut self) -> Result<Vec<u8>, StoreError> {
        let read = move || {
            let mut plain = Vec::new();
            for no in 0..self.pieces {
                plain.extend(self.piece(no)?);
            }
            Ok(plain)
        };
        tokio::task::spawn_blocking(read).await.map_err(|_| StoreError::Closed)?
    }
}

impl Read for Reader {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.at >= self.size {
            return Ok(0);
        }
        let no = self.at / PIECE as u64;
        let opened = match self.opened.take() {
            Some((opened, plain)) if opened == no => plain,
            _ => self.piece(no).map_err(io::Error::other)?,
        };
        let rest = opened.get(usize::try_from(self.at % PIECE as u64).unwrap_or(PIECE)..).unwrap_or_default();
        let count = rest.len().min(into.len());
        into[..count].copy_from_slice(&rest[..count]);
        self.at += count as u64;
        self.opened = Some((no, opened));
        Ok(count)
    }
}

impl Seek for Reader {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let at = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::End(by) => self.size.checked_add_signed(by),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
        };
        self.at = at.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.at)
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn receive(keys: &Keyring, parent: &DataKey, folder: &Path, content: &[u8]) -> Received {
        let mut incoming = Incoming::begin(keys, parent.clone(), folder).unwrap();
        // as a network brings it: in bits that are no pieces
        content.chunks(10_007).for_each(|bytes| incoming.push(bytes).unwrap());
        incoming.finish().unwrap()
    }

    #[tokio::test]
    async fn files_of_every_length_come_back_and_no_plain_byte_rests() {
        let folder = tempfile::tempdir().unwrap();
        let keys = Keyring::open(folder.path()).unwrap();
        let (parent, _) = keys.make_key(FREE).unwrap();
        for length in [1, PIECE - 1, PIECE, PIECE + 1, 2 * PIECE] {
            let content: Vec<u8> = b"confidential ".iter().copied().cycle().take(length).collect();
            let sealed = receive(&keys, &parent, folder.path(), &content);
            assert_eq!((sealed.size, sealed.reader().unwrap().bytes().await.unwrap()), (length as u64, content.clone()));
            let again = receive(&keys, &parent, folder.path(), &content);
            assert_eq!(again.id, sealed.id, "the same content has the same id");
            let (id, wrapped) = (sealed.id.clone(), sealed.wrapped.clone());
            let path = sealed.settle(folder.path()).await.unwrap();
            let kept = || Reader::of_kept(folder.path(), &id, (parent.unwrap(&id, &wrapped)?, &wrapped));
            assert_eq!(kept().unwrap().bytes().await.unwrap(), content);
            let (mut end, mut reader) = (String::new(), kept().unwrap());
            reader.seek(SeekFrom::End(-1)).unwrap();
            reader.read_to_string(&mut end).unwrap();
            assert_eq!(end.as_bytes(), &content[length - 1..]);

            let rest = std::fs::read(&path).unwrap();
            assert!(!rest.windows(12).any(|window| window == b"confidential"));
            std::fs::write(&path, &rest[..rest.len() - 1]).unwrap();
            let cut = async || kept()?.bytes().await;
            assert!(cut().await.is_err(), "cut off");
            if rest.len() > PIECE + ADDED {
                std::fs::write(&path, &rest[..PIECE + ADDED]).unwrap();
                assert!(cut().await.is_err(), "a whole piece cut off");
            }
            destroy(folder.path(), &id, &wrapped).await.unwrap();
            assert!(!path.exists());
        }
    }

    #[test]
    fn too_much_and_nothing_are_refused_and_leave_nothing_behind() {
        let folder = tempfile::tempdir().unwrap();
        let keys = Keyring::open(folder.path()).unwrap();
        let files = folder.path().join("files");
        let (parent, _) = keys.make_key(FREE).unwrap();
        let mut too_much = Incoming::begin(&keys, parent.clone(), &files).unwrap();
        let refused = (0..).find_map(|_| too_much.push(&[7; PIECE]).err());
        assert!(matches!(refused, Some(FileError::TooLarge)));
        drop(too_much);
        assert!(matches!(Incoming::begin(&keys, parent, &files).unwrap().finish(), Err(FileError::Empty)));
        assert_eq!(std::fs::read_dir(&files).unwrap().count(), 0);
    }
}
