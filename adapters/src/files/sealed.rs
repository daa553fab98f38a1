//! Sealed files: pieces of 64 KiB, each sealed with its number and whether it is the last, under a key of the file's own.

use std::{
    io::{Read, Write},
    path::{Path, PathBuf},
};

use hmac::{Hmac, KeyInit, Mac};
use sm3::Sm3;
use tempfile::NamedTempFile;
use tokio::io::{AsyncRead, AsyncReadExt};

use super::{FILE_BYTES_MAX, FREE, FileError};
use crate::{
    seal::{DataKey, Keyring},
    store::StoreError,
};

/// Plain bytes of a piece.
const PIECE: usize = 64 * 1024;
/// What sealing adds to a piece: nonce and tag.
const ADDED: usize = 12 + 16;

fn failed(doing: &'static str) -> impl Fn(std::io::Error) -> StoreError {
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

/// Where the file `id` stands whose key has the wrapped form `wrapped`.
pub(super) fn path_of(folder: &Path, id: &str, wrapped: &str) -> PathBuf {
    folder.join(id.get(..2).unwrap_or("xx")).join(name(id, wrapped))
}

/// A file that has come in, sealed, not yet at its place.
pub(super) struct SealedFile {
    /// Keyed hash of its content.
    pub(super) id: String,
    /// Bytes.
    pub(super) size: u64,
    /// Its first piece, plain: enough to know its kind.
    pub(super) head: Vec<u8>,
    /// Its key, wrapped.
    pub(super) wrapped: String,
    key: DataKey,
    keys: Keyring,
    rest: NamedTempFile,
}

/// Seals what comes, piece by piece, with a running count and hash, under a fresh key below `parent`.
pub(super) async fn receive(
    keys: &Keyring,
    parent: &DataKey,
    folder: &Path,
    mut bytes: impl AsyncRead + Unpin + Send,
) -> Result<SealedFile, FileError> {
    std::fs::create_dir_all(folder).map_err(failed("make the folder of files"))?;
    let mut rest = NamedTempFile::new_in(folder).map_err(failed("begin a file"))?;
    let (key, _) = parent.make_key(FREE, "").map_err(StoreError::from)?;
    let (mut hash, mut size, mut no, mut head) = (content_hash(keys), 0_u64, 0_u64, Vec::new());
    let mut piece = read_piece(&mut bytes).await?;
    if piece.is_empty() {
        return Err(FileError::Empty);
    }
    loop {
        size += piece.len() as u64;
        if size > FILE_BYTES_MAX {
            return Err(FileError::TooLarge);
        }
        let next = if piece.len() == PIECE { read_piece(&mut bytes).await? } else { Vec::new() };
        hash.update(&piece);
        let sealed = key.seal_bytes(&place(no, next.is_empty()), &piece).map_err(StoreError::from)?;
        rest.write_all(&sealed).map_err(failed("write a file"))?;
        if no == 0 {
            head = piece;
        }
        if next.is_empty() {
            break;
        }
        (piece, no) = (next, no + 1);
    }
    let id = hex::encode(hash.finalize().into_bytes());
    let wrapped = parent.wrap(FREE, &id, &key).map_err(StoreError::from)?;
    Ok(SealedFile { id, size, head, wrapped, key, keys: keys.clone(), rest })
}

async fn read_piece(bytes: &mut (impl AsyncRead + Unpin + Send)) -> Result<Vec<u8>, StoreError> {
    let mut piece = Vec::with_capacity(PIECE);
    bytes.take(PIECE as u64).read_to_end(&mut piece).await.map_err(failed("receive a file"))?;
    Ok(piece)
}

impl SealedFile {
    /// Its content, opened again.
    pub(super) async fn plain(&self) -> Result<Vec<u8>, StoreError> {
        let pieces = Pieces { path: self.rest.path().to_path_buf(), key: self.key.clone(), keys: self.keys.clone() };
        pieces.plain(None).await
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

/// A sealed file on disk, and its key.
pub(super) struct Pieces {
    path: PathBuf,
    key: DataKey,
    keys: Keyring,
}

impl Pieces {
    /// Those of the kept file `id`, whose key is `key` and has the wrapped form `wrapped`.
    pub(super) fn of_kept(keys: &Keyring, folder: &Path, id: &str, (key, wrapped): (DataKey, &str)) -> Self {
        Self { path: path_of(folder, id, wrapped), key, keys: keys.clone() }
    }

    /// The content; if `id` is given it must be its keyed hash.
    pub(super) async fn plain(self, id: Option<String>) -> Result<Vec<u8>, StoreError> {
        tokio::task::spawn_blocking(move || self.open(id.as_deref())).await.map_err(|_| StoreError::Closed)?
    }

    fn open(&self, id: Option<&str>) -> Result<Vec<u8>, StoreError> {
        const DOING: &str = "read a file";
        let mut file = std::fs::File::open(&self.path).map_err(failed(DOING))?;
        let mut sealed = Vec::new();
        file.read_to_end(&mut sealed).map_err(failed(DOING))?;
        let mut plain = Vec::with_capacity(sealed.len());
        let pieces = sealed.chunks(PIECE + ADDED);
        let last = pieces.len().saturating_sub(1);
        for (no, piece) in pieces.enumerate() {
            plain.extend(self.key.open_bytes(&place(no as u64, no == last), piece)?);
        }
        let mut hash = content_hash(&self.keys);
        hash.update(&plain);
        match id {
            Some(id) if hex::encode(hash.finalize().into_bytes()) != id => Err(StoreError::corrupt(DOING, format!("{id} was changed"))),
            _ => Ok(plain),
        }
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[tokio::test]
    async fn files_of_every_length_come_back_and_no_plain_byte_rests() {
        let folder = tempfile::tempdir().unwrap();
        let keys = Keyring::open(folder.path()).unwrap();
        let (parent, _) = keys.make_key(FREE).unwrap();
        for length in [1, PIECE - 1, PIECE, PIECE + 1, 2 * PIECE] {
            let content: Vec<u8> = b"confidential ".iter().copied().cycle().take(length).collect();
            let sealed = receive(&keys, &parent, folder.path(), content.as_slice()).await.unwrap();
            assert_eq!((sealed.size, sealed.plain().await.unwrap()), (length as u64, content.clone()));
            let again = receive(&keys, &parent, folder.path(), content.as_slice()).await.unwrap();
            assert_eq!(again.id, sealed.id, "the same content has the same id");
            let (id, wrapped) = (sealed.id.clone(), sealed.wrapped.clone());
            let path = sealed.settle(folder.path()).await.unwrap();
            let kept = || Pieces::of_kept(&keys, folder.path(), &id, (parent.unwrap(&id, &wrapped).unwrap(), &wrapped));
            assert_eq!(kept().plain(Some(id.clone())).await.unwrap(), content);

            let rest = std::fs::read(&path).unwrap();
            assert!(!rest.windows(12).any(|window| window == b"confidential"));
            std::fs::write(&path, &rest[..rest.len() - 1]).unwrap();
            assert!(kept().plain(Some(id.clone())).await.is_err(), "cut off");
            if rest.len() > PIECE + ADDED {
                std::fs::write(&path, &rest[..PIECE + ADDED]).unwrap();
                assert!(kept().plain(Some(id.clone())).await.is_err(), "a whole piece cut off");
            }
        }
    }

    #[tokio::test]
    async fn too_much_and_nothing_are_refused_and_leave_nothing_behind() {
        let folder = tempfile::tempdir().unwrap();
        let keys = Keyring::open(folder.path()).unwrap();
        let files = folder.path().join("files");
        let (parent, _) = keys.make_key(FREE).unwrap();
        let too_much = tokio::io::repeat(7);
        assert!(matches!(receive(&keys, &parent, &files, too_much).await, Err(FileError::TooLarge)));
        assert!(matches!(receive(&keys, &parent, &files, &[][..]).await, Err(FileError::Empty)));
        assert_eq!(std::fs::read_dir(&files).unwrap().count(), 0);
    }
}
