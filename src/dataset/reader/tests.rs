//! Readers, over every way of cutting the input into pieces.
use super::{Fields, MAX_ROW_BYTES, Reader, Sink};
use crate::{Error, Result, operation::upload::Format};
use proptest::prelude::*;
use std::borrow::Cow;

/// Keeps what it is told, as text.
#[derive(Debug, Default, PartialEq)]
struct Told(Vec<String>);

impl Sink for Told {
    fn header(&mut self, names: &[&str]) -> Result<()> {
        self.0.push(format!("header {names:?}"));
        Ok(())
    }
    fn cells(&mut self, cells: &[&str]) {
        self.0.push(format!("{cells:?}"));
    }
    fn object(&mut self, fields: &Fields<'_>) {
        let fields: Vec<_> = fields.iter().map(|(name, value)| format!("{name}={}", value.get())).collect();
        self.0.push(fields.join(" "));
    }
    fn refuse(&mut self, value: &str, expected: Cow<'static, str>) {
        let value: String = value.chars().take(20).collect();
        self.0.push(format!("refused {value}: {expected}"));
    }
}

/// What is told of the input, cut at those places.
fn told(format: Format, bytes: &[u8], cuts: &[usize]) -> (Vec<String>, Option<String>) {
    let (mut reader, mut sink, mut from) = (Reader::new(format), Told::default(), 0);
    let mut ends: Vec<_> = cuts.iter().map(|cut| cut % (bytes.len() + 1)).collect();
    ends.sort_unstable();
    ends.push(bytes.len());
    let read = || -> Result<()> {
        for end in ends {
            reader.push(&bytes[from..end], &mut sink)?;
            from = end;
        }
        reader.finish(&mut sink)
    };
    let error = read().err().map(|error: Error| error.to_string());
    (sink.0, error)
}

const CSV: &str = "\u{feff}Day;\"a\"\"b\"\r\n1;\"x;\r\n\"\"y\"\"\"\r\n\r\n2;\n3;é\r4;z";

#[test]
fn csv_as_spreadsheets_write_it() {
    let rows =
        [r#"header ["Day", "a\"b"]"#, r#"["1", "x;\r\n\"y\""]"#, r#"["2", ""]"#, r#"["3", "é"]"#, r#"["4", "z"]"#];
    assert_eq!(told(Format::Csv, CSV.as_bytes(), &[]), (rows.map(str::to_owned).to_vec(), None));
    for (csv, first) in
        [("a,b;c\n", "header [\"a\", \"b;c\"]"), ("a\tb\n", "header [\"a\", \"b\"]"), ("a", "header [\"a\"]")]
    {
        assert_eq!(told(Format::Csv, csv.as_bytes(), &[]), (vec![first.to_owned()], None));
    }
}

#[test]
fn what_is_no_row_is_refused_and_the_next_is_read() {
    let long = "x".repeat(MAX_ROW_BYTES + 1);
    for (format, bytes, refused) in [
        (Format::Csv, b"a,b\n1\n3,4\n".to_vec(), "refused 1 cells: 2 cells, as the header has"),
        (Format::Csv, b"a,b\n\xff,1\n3,4\n".to_vec(), "refused \u{fffd}1: UTF-8"),
        (Format::Csv, b"a,b\n\xc3,\xa9\n3,4\n".to_vec(), "refused é: UTF-8"),
        (
            Format::Csv,
            format!("a,b\n1,{long}\n3,4\n").into_bytes(),
            "refused a longer row: a row of at most 1800000 bytes",
        ),
        (
            Format::Csv,
            format!("a,b\n{}\n3,4\n", ",".repeat(5000)).into_bytes(),
            "refused a longer row: a row of at most 1800000 bytes",
        ),
        (Format::Ndjson, b"[1]\n{\"a\":1}".to_vec(), "refused [1]: a JSON object"),
        (
            Format::Ndjson,
            b"{\"a\":1,\"\\u0061\":2}\n{\"a\":1}".to_vec(),
            "refused {\"a\":1,\"\\u0061\":2}: an object that gives no name twice",
        ),
        (
            Format::Ndjson,
            format!("{{\"a\":\"{long}\"}}\n{{\"a\":1}}\n").into_bytes(),
            "refused a longer row: a row of at most 1800000 bytes",
        ),
        (Format::Json, b"[1,{\"a\":1}]".to_vec(), "refused 1: a JSON object"),
        (Format::Json, b"[{\"a\" 1},{\"a\":1}]".to_vec(), "refused {\"a\" 1}: a JSON object"),
        (
            Format::Json,
            format!("[{{\"a\":\"{long}\"}},{{\"a\":1}}]").into_bytes(),
            "refused a longer row: a row of at most 1800000 bytes",
        ),
    ] {
        let (rows, error) = told(format, &bytes, &[7, 1000, 900_000]);
        assert_eq!((rows.iter().rev().nth(1).map(String::as_str), error), (Some(refused), None));
        assert!(["[\"3\", \"4\"]", "a=1"].contains(&rows.last().unwrap().as_str()), "{rows:?}");
    }
    let (rows, _) = told(Format::Csv, b"a,b\n1,\"2\n3,4\n", &[]);
    assert_eq!(rows.last().unwrap(), "refused a quote that is not : a closing quote");
}

#[test]
fn what_is_no_file_of_rows_is_an_error() {
    for (format, bytes) in [
        (Format::Csv, ""),
        (Format::Csv, "\n\n"),
        (Format::Json, ""),
        (Format::Json, "{}"),
        (Format::Json, "[{}"),
        (Format::Json, "[{}]]"),
        (Format::Json, "[{},]"),
        (Format::Json, "[,{}]"),
        (Format::Json, "[{\"a\":\"]"),
    ] {
        assert!(told(format, bytes.as_bytes(), &[]).1.is_some(), "{bytes}");
    }
    for (format, bytes) in [(Format::Json, " [ ] "), (Format::Ndjson, ""), (Format::Ndjson, "\u{feff}\n \r\n")] {
        assert_eq!(told(format, bytes.as_bytes(), &[]), (vec![], None), "{bytes}");
    }
}

fn input() -> impl Strategy<Value = (Format, Vec<u8>)> {
    prop_oneof![
        "(a[,;\t]b\r?\n)?([\"\r\n,;\ta é]|1,2\n|\"x\"\"\n\",2\r\n){0,20}"
            .prop_map(|text| (Format::Csv, text.into_bytes())),
        prop::collection::vec(prop_oneof![Just(b'"'), Just(b','), Just(b'\n'), Just(b'\r'), any::<u8>()], 0..40)
            .prop_map(|bytes| (Format::Csv, bytes)),
        "\u{feff}?([{}\\[\\]:,\"\\\\ a1\n]|\\{\"a\":\"\\\\\"\\}\\]\"\\}\n?){0,20}"
            .prop_map(|text| (Format::Ndjson, text.into_bytes())),
        "\\[?([{}\\[\\]:,\"\\\\ a1\n]|\\{\"a\":\"\\\\\"\\}\\]\"\\},?){0,20}\\]?"
            .prop_map(|text| (Format::Json, text.into_bytes())),
    ]
}

proptest! {
    #[test]
    fn it_does_not_matter_where_the_input_is_cut((format, bytes) in input(), cuts in prop::collection::vec(any::<usize>(), 0..8)) {
        prop_assert_eq!(told(format, &bytes, &cuts), told(format, &bytes, &[]));
    }

    /// The crate `csv` reads whole files; it is told nothing of unclosed quotes.
    #[test]
    fn whole_csv_is_read_as_the_csv_crate_reads_it(rows in prop::collection::vec(("[^\\x00]{0,6}", "[\",;\r\n a]{0,6}"), 0..6)) {
        let quoted = |cell: &str| format!("\"{}\"", cell.replace('"', "\"\""));
        let lines = rows.iter().map(|(a, b)| format!("{},{}\r\n", quoted(a), quoted(b)));
        let csv = format!("a,b\r\n{}", lines.collect::<String>());
        let expected: Vec<_> = rows.iter().map(|(a, b)| format!("{:?}", [a, b])).collect();
        prop_assert_eq!(&told(Format::Csv, csv.as_bytes(), &[]).0[1..], expected);
    }
}
