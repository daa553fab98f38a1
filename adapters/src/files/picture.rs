//! Pictures drawn anew: what a browser shows is pixels of ours, never what was handed in.

use std::io::{BufReader, Cursor};

use bytes::Bytes;
use image::{DynamicImage, ImageDecoder, ImageReader, Limits, codecs::jpeg::JpegEncoder};

use super::{FileError, content::Kind, sealed::Reader};
use crate::store::{Store, StoreError};

/// Pixels of a picture at most: beyond what scanners of A3 at 400 dpi make.
pub(super) const PIXELS_MAX: u64 = 50_000_000;
/// Bytes that decoding one may take: four a pixel, and the file itself.
const DECODING_MAX: u64 = 4 * PIXELS_MAX + 40 * 1024 * 1024;
/// Of 100; text on a scan stays readable.
const QUALITY: u8 = 82;

/// Pictures that are drawn at once: each takes its pixels in memory.
static DRAWING: tokio::sync::Semaphore = tokio::sync::Semaphore::const_new(1);

/// How large a preview is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PreviewSize {
    /// Beside others in a list.
    Small,
    /// To be read.
    Large,
}

impl PreviewSize {
    /// Each.
    pub(super) const ALL: [Self; 2] = [Self::Small, Self::Large];

    /// Pixels along the longer side, at most.
    fn side(self) -> u32 {
        match self {
            Self::Small => 320,
            Self::Large => 2_000,
        }
    }
}

/// A picture must say how large it is, and be no larger than can be decoded.
pub(super) fn check_pixels(reader: Reader) -> Result<(), FileError> {
    let damaged = |_| FileError::WrongType { found: "a damaged picture".to_owned() };
    let size = imagesize::reader_size(BufReader::new(reader)).map_err(damaged)?;
    let pixels = (size.width as u64).saturating_mul(size.height as u64);
    if pixels == 0 || pixels > PIXELS_MAX { Err(FileError::TooManyPixels) } else { Ok(()) }
}

impl Store {
    /// A JPEG drawn of the pixels of a kept picture, upright, without anything else that its file holds; None if the file
    /// is no picture, or there is none.
    ///
    /// # Errors
    /// It may not be opened, or cannot be decoded.
    pub async fn file_preview(&self, id: &str, size: PreviewSize) -> Result<Option<Bytes>, FileError> {
        let Some(file) = self.file(id).await? else { return Ok(None) };
        let Some(format) = Kind::of_media_type(&file.media_type).and_then(Kind::picture) else { return Ok(None) };
        let drawn = (id.to_owned(), size);
        if let Some(known) = self.inner.previews.lock().ok().and_then(|mut previews| previews.get(&drawn).cloned()) {
            return Ok(Some(known));
        }
        let _turn = DRAWING.acquire().await.map_err(|_| StoreError::Closed)?;
        let draw = move || draw(file.reader, format, size.side());
        let picture = tokio::task::spawn_blocking(draw).await.map_err(|_| StoreError::Closed)??;
        if let Ok(mut previews) = self.inner.previews.lock() {
            previews.put(drawn, picture.clone());
        }
        Ok(Some(picture))
    }
}

fn draw(reader: Reader, format: image::ImageFormat, side: u32) -> Result<Bytes, FileError> {
    let damaged = |error: image::ImageError| FileError::WrongType { found: format!("a picture that cannot be decoded ({error})") };
    let mut source = ImageReader::with_format(BufReader::new(reader), format);
    let mut limits = Limits::default();
    limits.max_alloc = Some(DECODING_MAX);
    source.limits(limits);
    let mut decoder = source.into_decoder().map_err(damaged)?;
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > PIXELS_MAX {
        return Err(FileError::TooManyPixels);
    }
    let turned = decoder.orientation().map_err(damaged)?;
    let mut picture = DynamicImage::from_decoder(decoder).map_err(damaged)?;
    if width.max(height) > side {
        picture = picture.thumbnail(side, side);
    }
    picture.apply_orientation(turned);
    let mut drawn = Cursor::new(Vec::new());
    picture.to_rgb8().write_with_encoder(JpegEncoder::new_with_quality(&mut drawn, QUALITY)).map_err(damaged)?;
    Ok(drawn.into_inner().into())
}
