//! CSV (RFC 4180) with a header, by the crate `csv-core`: the state machine of the crate `csv`, without its input.
use super::{MAX_ROW_BYTES, SHORTER, Sink};
use crate::{Error, Result};
use csv_core::{ReadRecordResult, ReaderBuilder};

/// The most cells of a row.
const MAX_CELLS: usize = 1000;
/// What separates cells; of two that the first line has as often, the first.
const DELIMITERS: [u8; 3] = [b',', b';', b'\t'];
const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// Reads CSV.
#[derive(Default)]
pub struct Csv {
    /// What comes before the first line's end, until it is there and tells the delimiter.
    head: Vec<u8>,
    machine: Option<csv_core::Reader>,
    /// How many cells the header has, once it is read.
    width: Option<usize>,
    row: Row,
}

/// The row that is being read.
struct Row {
    /// Its cells, one after the other.
    text: Vec<u8>,
    bytes: usize,
    /// Where each cell ends.
    ends: Vec<usize>,
    cells: usize,
    /// Whether anything of it was there.
    is_begun: bool,
    /// Whether it has more than a row may have, and is not kept.
    is_too_long: bool,
}

impl Default for Row {
    fn default() -> Self {
        Self { text: vec![0; 4096], bytes: 0, ends: vec![0; MAX_CELLS], cells: 0, is_begun: false, is_too_long: false }
    }
}

impl Row {
    /// Drops what is there of it, and what is to come.
    const fn abandon(&mut self) {
        self.is_too_long = true;
        (self.bytes, self.cells) = (0, 0);
    }

    /// Its cells; none if they are no UTF-8.
    fn cells(&self) -> Option<Vec<&str>> {
        let text = std::str::from_utf8(self.text.get(..self.bytes)?).ok()?;
        let mut from = 0;
        self.ends.get(..self.cells)?.iter().map(|end| text.get(std::mem::replace(&mut from, *end)..*end)).collect()
    }

    /// Makes room for the next.
    const fn clear(&mut self) {
        (self.bytes, self.cells) = (0, 0);
        (self.is_begun, self.is_too_long) = (false, false);
    }
}

const fn is_line_end(byte: &u8) -> bool {
    matches!(byte, b'\r' | b'\n')
}

/// The first line that is not empty, and whether it has ended.
fn first_line(head: &[u8]) -> (&[u8], bool) {
    let head = head.strip_prefix(BYTE_ORDER_MARK).unwrap_or(head);
    let lines = head.get(head.iter().take_while(|byte| is_line_end(byte)).count()..).unwrap_or_default();
    let line = lines.split(is_line_end).next().unwrap_or_default();
    (line, line.len() < lines.len())
}

impl Csv {
    pub(super) fn push(&mut self, bytes: &[u8], sink: &mut dyn Sink) -> Result<()> {
        if self.machine.is_some() {
            return self.parse(bytes, sink);
        }
        self.head.extend_from_slice(bytes);
        let is_whole = bytes.iter().any(is_line_end) && first_line(&self.head).1;
        if is_whole || self.head.len() > MAX_ROW_BYTES { self.begin(sink) } else { Ok(()) }
    }

    pub(super) fn finish(&mut self, sink: &mut dyn Sink) -> Result<()> {
        if self.machine.is_none() {
            self.begin(sink)?;
        }
        if self.row.is_begun {
            self.parse(b"\n", sink)?;
        }
        if self.row.is_begun {
            // The line end was a part of a cell.
            sink.refuse("a quote that is not closed", "a closing quote".into());
        }
        match self.width {
            Some(_) => Ok(()),
            None => Err(Error::invalid("csv", "has no header: the first line names the columns")),
        }
    }

    fn begin(&mut self, sink: &mut dyn Sink) -> Result<()> {
        let head = std::mem::take(&mut self.head);
        let head = head.strip_prefix(BYTE_ORDER_MARK).unwrap_or(&head);
        let (line, _) = first_line(head);
        let count = |mark: u8| line.iter().filter(|b| **b == mark).count();
        let delimiter = DELIMITERS.into_iter().rev().max_by_key(|mark| count(*mark)).unwrap_or(b',');
        self.machine = Some(ReaderBuilder::new().delimiter(delimiter).build());
        self.parse(head, sink)
    }

    fn parse(&mut self, mut bytes: &[u8], sink: &mut dyn Sink) -> Result<()> {
        let Some(mut machine) = self.machine.take() else { return Ok(()) };
        let mut parsed = Ok(());
        // An empty piece would mean the end to the machine.
        while !bytes.is_empty() && parsed.is_ok() {
            let row = &mut self.row;
            let (text, ends) = (row.text.get_mut(row.bytes..), row.ends.get_mut(row.cells..));
            let (text, ends) = (text.unwrap_or_default(), ends.unwrap_or_default());
            let (result, read, written, ended) = machine.read_record(bytes, text, ends);
            let (consumed, rest) = bytes.split_at_checked(read).unwrap_or((bytes, &[]));
            bytes = rest;
            row.bytes += written;
            row.cells += ended;
            row.is_begun |= !consumed.iter().all(is_line_end);
            match result {
                ReadRecordResult::OutputFull if row.text.len() < MAX_ROW_BYTES => {
                    row.text.resize((row.text.len() * 4).min(MAX_ROW_BYTES), 0);
                }
                ReadRecordResult::OutputFull | ReadRecordResult::OutputEndsFull => row.abandon(),
                ReadRecordResult::Record => {
                    parsed = self.end_row(sink);
                    self.row.clear();
                }
                ReadRecordResult::InputEmpty | ReadRecordResult::End => {}
            }
        }
        self.machine = Some(machine);
        parsed
    }

    fn end_row(&mut self, sink: &mut dyn Sink) -> Result<()> {
        let Some(width) = self.width else {
            let names = self.row.cells().filter(|_| !self.row.is_too_long);
            let names = names.ok_or_else(|| Error::invalid("csv", "has a header that is too long or not UTF-8"))?;
            self.width = Some(names.len());
            return sink.header(&names);
        };
        if self.row.is_too_long {
            sink.refuse("a longer row", SHORTER.into());
        } else if self.row.cells != width {
            let expected = format!("{width} cells, as the header has");
            sink.refuse(&format!("{} cells", self.row.cells), expected.into());
        } else if let Some(cells) = self.row.cells() {
            sink.cells(&cells);
        } else {
            let text = String::from_utf8_lossy(self.row.text.get(..self.row.bytes).unwrap_or_default());
            sink.refuse(&text, "UTF-8".into());
        }
        Ok(())
    }
}
