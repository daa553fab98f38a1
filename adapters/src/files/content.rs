//! What a file is: by its content, which must agree with its name and with what was declared.

use std::io::{Read, Seek, SeekFrom};

use image::ImageFormat;
use zip::ZipArchive;

use super::{FileError, picture, sealed::Reader};
use crate::store::StoreError;

/// Members of an archive, at most.
const MEMBERS_MAX: usize = 2_000;
/// Bytes of an archive's members unpacked, at most.
const UNPACKED_MAX: u64 = 200 * 1024 * 1024;
/// How much larger than packed the members may be.
const RATIO_MAX: u64 = 100;

/// The kinds of files that are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Pdf,
    Ofd,
    Jpeg,
    Png,
    Docx,
    Xlsx,
}

impl Kind {
    const ALL: [Self; 6] = [Self::Pdf, Self::Ofd, Self::Jpeg, Self::Png, Self::Docx, Self::Xlsx];

    /// The kind that goes with the extension of `name`, if `accept` (extensions; empty: all) takes it.
    pub(super) fn of_name(name: &str, accept: &[String]) -> Option<Self> {
        let extension = name.rsplit_once('.')?.1.to_lowercase();
        let of = |extension: &str| Self::ALL.into_iter().find(|kind| kind.extensions().contains(&extension));
        let kind = of(&extension)?;
        (accept.is_empty() || accept.iter().any(|taken| of(&taken.to_lowercase()) == Some(kind))).then_some(kind)
    }

    fn extensions(self) -> &'static [&'static str] {
        match self {
            Self::Pdf => &["pdf"],
            Self::Ofd => &["ofd"],
            Self::Jpeg => &["jpg", "jpeg"],
            Self::Png => &["png"],
            Self::Docx => &["docx"],
            Self::Xlsx => &["xlsx"],
        }
    }

    /// Its media type.
    pub(super) fn media_type(self) -> &'static str {
        match self {
            Self::Pdf => "application/pdf",
            // GB/T 33190; not registered with IANA, but what readers use.
            Self::Ofd => "application/ofd",
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::Docx => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        }
    }

    /// The kind of a media type, as [`Self::media_type`] says it.
    pub(super) fn of_media_type(media_type: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.media_type() == media_type)
    }

    /// How it is decoded, if it is a picture.
    pub(super) fn picture(self) -> Option<ImageFormat> {
        match self {
            Self::Jpeg => Some(ImageFormat::Jpeg),
            Self::Png => Some(ImageFormat::Png),
            Self::Pdf | Self::Ofd | Self::Docx | Self::Xlsx => None,
        }
    }

    /// A declared type must be this kind's; one that says nothing is as good as none.
    pub(super) fn check_declared(self, declared: Option<&str>) -> Result<(), FileError> {
        let declared = declared.and_then(|text| text.split(';').next()).map(|text| text.trim().to_lowercase()).unwrap_or_default();
        let says_nothing = ["", "application/octet-stream", "binary/octet-stream"].contains(&declared.as_str());
        let other_name = match self {
            Self::Ofd => ["application/vnd.ofd", "application/zip"].contains(&declared.as_str()),
            Self::Jpeg => declared == "image/jpg",
            _ => false,
        };
        if says_nothing || other_name || declared == self.media_type() { Ok(()) } else { Err(FileError::WrongType { found: declared }) }
    }

    /// The first bytes must be this kind's.
    pub(super) fn check_head(self, head: &[u8]) -> Result<(), FileError> {
        let right = match self {
            Self::Pdf => infer::archive::is_pdf(head),
            Self::Jpeg => infer::image::is_jpeg(head),
            Self::Png => infer::image::is_png(head),
            Self::Ofd | Self::Docx | Self::Xlsx => infer::archive::is_zip(head),
        };
        if right {
            return Ok(());
        }
        let found = infer::get(head).map_or("of no known type", |kind| kind.mime_type());
        Err(FileError::WrongType { found: found.to_owned() })
    }

    /// What is inside must be this kind's, and nothing else beside.
    pub(super) fn check_inside(self, mut reader: Reader) -> Result<(), FileError> {
        match self {
            Self::Ofd | Self::Docx | Self::Xlsx => return self.check_archive(reader),
            Self::Pdf | Self::Jpeg | Self::Png if ends_as_archive(&mut reader)? => return Err(wrong("an archive as well")),
            Self::Pdf => {}
            Self::Jpeg | Self::Png => picture::check_pixels(reader)?,
        }
        Ok(())
    }

    /// An archive must have the members of this kind, no macros, and be of sensible size unpacked. Nothing is unpacked.
    fn check_archive(self, archive: impl Read + Seek) -> Result<(), FileError> {
        let mut archive = ZipArchive::new(archive).map_err(|_| wrong("a damaged archive"))?;
        if archive.len() > MEMBERS_MAX {
            return Err(wrong("an archive with too many members"));
        }
        let (mut packed, mut unpacked, mut names) = (0_u64, 0_u64, Vec::new());
        for index in 0..archive.len() {
            let member = archive.by_index_raw(index).map_err(|_| wrong("a damaged archive"))?;
            packed = packed.saturating_add(member.compressed_size());
            unpacked = unpacked.saturating_add(member.size());
            names.push(member.name().map_err(|_| wrong("an archive with unreadable names"))?.into_owned());
        }
        if unpacked > UNPACKED_MAX || unpacked > packed.max(1).saturating_mul(RATIO_MAX) {
            return Err(wrong("an archive that unpacks to too much"));
        }
        if names.iter().any(|name| name.to_lowercase().ends_with("vbaproject.bin")) {
            return Err(wrong("a document with macros"));
        }
        let needed: &[&str] = match self {
            Self::Docx => &["[Content_Types].xml", "word/document.xml"],
            Self::Xlsx => &["[Content_Types].xml", "xl/workbook.xml"],
            Self::Ofd => &["OFD.xml"],
            _ => &[],
        };
        let has = |needed: &&str| names.iter().any(|name| name.eq_ignore_ascii_case(needed));
        if needed.iter().all(has) { Ok(()) } else { Err(wrong("another kind of archive")) }
    }
}

fn wrong(found: &str) -> FileError {
    FileError::WrongType { found: found.to_owned() }
}

/// Whether a ZIP archive ends where the file ends: programs that look for archives from the end would open it as one.
fn ends_as_archive(reader: &mut Reader) -> Result<bool, FileError> {
    // APPNOTE 4.3.16: the end record, 22 bytes, and a comment as long as its last two bytes say
    const RECORD: usize = 22;
    let failed = |source| StoreError::File { doing: "read a file", source };
    let length = reader.seek(SeekFrom::End(0)).map_err(failed)?;
    reader.seek(SeekFrom::Start(length.saturating_sub((RECORD + usize::from(u16::MAX)) as u64))).map_err(failed)?;
    let mut tail = Vec::new();
    reader.read_to_end(&mut tail).map_err(failed)?;
    reader.seek(SeekFrom::Start(0)).map_err(failed)?;
    let ends = |(at, record): (usize, &[u8])| {
        record.starts_with(b"PK\x05\x06") && at + RECORD + usize::from(u16::from_le_bytes([record[20], record[21]])) == tail.len()
    };
    Ok(tail.windows(RECORD).enumerate().any(ends))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use std::io::{Cursor, Write};

    use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

    use super::*;

    fn archive(members: &[&str]) -> Vec<u8> {
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        for name in members {
            writer.start_file(*name, SimpleFileOptions::default().compression_method(CompressionMethod::Stored)).unwrap();
            writer.write_all(b"<xml/>").unwrap();
        }
        writer.finish().unwrap().into_inner()
    }

    #[test]
    fn name_and_form_decide_what_may_come() {
        let accept = ["pdf".to_owned(), "jpg".to_owned()];
        let cases = [
            ("a.PDF", Some(Kind::Pdf)),
            ("b.jpeg", Some(Kind::Jpeg)),
            ("c.png", None),
            ("d", None),
            ("e.pdf.exe", None),
            (".pdf", Some(Kind::Pdf)),
        ];
        for (name, kind) in cases {
            assert_eq!(Kind::of_name(name, &accept), kind, "{name}");
        }
        assert_eq!(Kind::of_name("c.png", &[]), Some(Kind::Png));
    }

    #[test]
    fn what_is_declared_must_agree() {
        let cases = [
            (Kind::Pdf, None, true),
            (Kind::Pdf, Some("application/pdf; charset=binary"), true),
            (Kind::Pdf, Some("application/octet-stream"), true),
            (Kind::Pdf, Some("text/html"), false),
            (Kind::Jpeg, Some("image/jpg"), true),
            (Kind::Png, Some("image/jpeg"), false),
        ];
        for (kind, declared, taken) in cases {
            assert_eq!(kind.check_declared(declared).is_ok(), taken, "{kind:?} {declared:?}");
        }
    }

    #[test]
    fn content_must_agree_with_the_name() {
        assert!(Kind::Pdf.check_head(b"%PDF-1.7\n").is_ok());
        assert!(Kind::Png.check_head(b"\x89PNG\r\n\x1a\n").is_ok());
        let refused = Kind::Png.check_head(b"%PDF-1.7\n").unwrap_err().to_string();
        assert!(refused.contains("application/pdf"), "{refused}");
        assert!(Kind::Pdf.check_head(b"<html>").is_err());
    }

    #[test]
    fn documents_are_told_from_other_archives_and_macros_are_refused() {
        let docx = ["[Content_Types].xml", "word/document.xml"];
        assert!(Kind::Docx.check_archive(Cursor::new(archive(&docx))).is_ok());
        assert!(Kind::Xlsx.check_archive(Cursor::new(archive(&docx))).is_err());
        assert!(Kind::Ofd.check_archive(Cursor::new(archive(&["OFD.xml", "Doc_0/Document.xml"]))).is_ok());
        assert!(Kind::Docx.check_archive(Cursor::new(archive(&[docx[0], docx[1], "word/vbaProject.bin"]))).is_err());
        assert!(Kind::Docx.check_archive(Cursor::new(b"PK\x03\x04 and nothing")).is_err());
        let many: Vec<String> = (0..=MEMBERS_MAX).map(|no| format!("m{no}")).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        assert!(Kind::Docx.check_archive(Cursor::new(archive(&many))).is_err());
    }

    #[test]
    fn a_zip_bomb_is_refused_unopened() {
        let mut bomb = archive(&["[Content_Types].xml", "word/document.xml"]);
        let entries: Vec<usize> = bomb.windows(4).enumerate().filter(|(_, bytes)| bytes == b"PK\x01\x02").map(|(at, _)| at).collect();
        for entry in entries {
            // APPNOTE 4.3.12: bytes unpacked
            bomb[entry + 24..entry + 28].copy_from_slice(&(150_u32 * 1024 * 1024).to_le_bytes());
        }
        let refused = Kind::Docx.check_archive(Cursor::new(bomb)).unwrap_err().to_string();
        assert!(refused.contains("unpacks to too much"), "{refused}");
    }
}
