//! `docs/schema.md` says what the migrated database is.
use super::docs::section_is;
use crate::{
    automation::{AutomationConfig, Preset, Schedule},
    dataset::ColumnDef,
    db::sqlite::Sqlite,
    delivery::Channel,
    widget::{Position, WidgetConfig},
};
use schemars::{JsonSchema, SchemaGenerator};
use serde_json::Value;

const DOCS: &str = "docs/schema.md";

fn tables(db: &Sqlite) -> Vec<String> {
    db.query("select name from sqlite_schema where type = 'table' and name not like 'sqlite_%' order by rowid")
}

#[test]
fn every_table_and_column_is_documented_and_no_other() {
    let db = Sqlite::migrated();
    let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(DOCS);
    let docs = std::fs::read_to_string(file).unwrap();
    let cell = |row: &str, at: usize| row.split('|').nth(at).unwrap_or_default().trim().replace('`', "");
    let tables = tables(&db);
    for table in &tables {
        let columns = format!("from pragma_table_xinfo('{table}') order by cid");
        if let Some((_, section)) = docs.split_once(&format!("\n### `{table}`\n")) {
            let rows = section.split("\n#").next().unwrap().lines().filter(|line| line.starts_with("| `"));
            let documented: Vec<_> = rows.clone().map(|row| [1, 2, 3].map(|at| cell(row, at)).join("|")).collect();
            let null = "iif(\"notnull\", 'no', 'yes')";
            assert_eq!(documented, db.query(&format!("select name, lower(type), {null} {columns}")), "{table}");
            rows.for_each(|row| assert!(!cell(row, 4).is_empty(), "{table}: {row} has no meaning"));
        } else {
            let row = docs.lines().find(|line| line.starts_with(&format!("| `{table}` |")));
            let documented = cell(row.unwrap_or_else(|| panic!("{DOCS} has no table {table}")), 2);
            assert_eq!(documented, db.query(&format!("select name {columns}")).join(", "), "{table}");
        }
    }
    for heading in docs.lines().filter_map(|line| line.strip_prefix("### `")?.strip_suffix('`')) {
        assert!(tables.iter().any(|table| table == heading), "{DOCS} has a table {heading}, and the database none");
    }
}

#[test]
fn the_keys_and_indexes_are_the_documented_ones() {
    let db = Sqlite::migrated();
    let mut keys = String::from("| table | columns | refer to | on delete |\n|---|---|---|---|\n");
    let mut indexes = String::from("| table | columns | unique | name |\n|---|---|---|---|\n");
    for table in tables(&db) {
        for key in db.query(&format!(
            "select '(' || group_concat(\"from\", ', ') || ') | ' || \"table\" || ' (' || group_concat(\"to\", ', ') || ') | '
                || lower(on_delete)
             from (select * from pragma_foreign_key_list('{table}') order by id, seq) group by id order by id desc"
        )) {
            keys += &format!("| `{table}` | {key} |\n");
        }
        for index in db.query(&format!(
            "select (select group_concat(name, ', ') from (select name from pragma_index_info(l.name) order by seqno))
                || ' | ' || iif(\"unique\", 'yes', '–') || ' | ' || iif(origin = 'c', '`' || l.name || '`', '–')
             from pragma_index_list('{table}') l where origin <> 'pk' order by seq desc"
        )) {
            indexes += &format!("| `{table}` | {index} |\n");
        }
    }
    section_is(DOCS, "foreign keys", &keys);
    section_is(DOCS, "indexes", &indexes);
}

/// What has a foreign key is deleted with, or held against, its parent: without an index that begins with the key, each
/// deletion would read the whole table.
#[test]
fn every_foreign_key_of_ours_has_an_index() {
    let db = Sqlite::migrated();
    for table in tables(&db)
        .iter()
        .filter(|table| db.query(&format!("select strict from pragma_table_list('{table}')")) == ["1"])
    {
        let leads = db.query(&format!(
            "select (select group_concat(name, ',') from (select name from pragma_index_info(l.name) order by seqno)) || ','
             from pragma_index_list('{table}') l"
        ));
        for key in db.query(&format!(
            "select group_concat(\"from\", ',') || ',' from (select * from pragma_foreign_key_list('{table}') order by id, seq)
             group by id"
        )) {
            assert!(leads.iter().any(|index| index.starts_with(&key)), "{table} has no index for {key}");
        }
    }
}

#[test]
fn the_json_types_are_the_documented_ones() {
    let mut types = Types { schemas: SchemaGenerator::default(), text: String::new() };
    types.add::<ColumnDef>();
    types.add::<Position>();
    types.add::<WidgetConfig>();
    types.add::<AutomationConfig>();
    types.add::<Channel>();
    types.add::<Schedule>();
    types.add::<Preset>();
    section_is(DOCS, "json types", types.text.trim_start());
}

/// The JSON types, as a section each.
struct Types {
    schemas: SchemaGenerator,
    text: String,
}

impl Types {
    fn add<T: JsonSchema>(&mut self) {
        self.schemas.subschema_for::<T>();
        let schema = self.schemas.definitions()[&*T::schema_name()].clone();
        self.text += &format!("\n### {}\n\n{}\n", T::schema_name(), words(&schema["description"]));
        match schema["oneOf"].as_array() {
            None => self.fields(&schema),
            Some(shapes) => shapes.iter().for_each(|shape| {
                let tag = shape["properties"]["type"]["const"].as_str().unwrap();
                self.text += &format!("\nWith `\"type\": \"{tag}\"`: {}\n", words(&shape["description"]));
                self.fields(shape);
            }),
        }
    }

    fn fields(&mut self, object: &Value) {
        assert_eq!(object["additionalProperties"], false);
        self.text += "\n| field | is | required | meaning |\n|---|---|---|---|\n";
        for (name, schema) in object["properties"].as_object().unwrap().iter().filter(|(_, s)| s["const"].is_null()) {
            let required = object["required"].as_array().is_some_and(|names| names.iter().any(|other| other == name));
            let (is, meaning) = (self.shape(schema), words(&schema["description"]));
            self.text += &format!("| `{name}` | {is} | {} | {meaning} |\n", if required { "yes" } else { "–" });
        }
    }

    /// What a value is, in words.
    fn shape(&self, schema: &Value) -> String {
        let one_of = schema["oneOf"].as_array().or_else(|| schema["anyOf"].as_array());
        let bounds = |min: &str, max: &str| match (&schema[min], &schema[max]) {
            (Value::Null, Value::Null) => String::new(),
            (Value::Null, max) => format!("up to {max}"),
            (min, max) => format!("{min} to {max}"),
        };
        if let Some(path) = schema["$ref"].as_str() {
            let name = path.rsplit('/').next().unwrap();
            let named = &self.schemas.definitions()[name];
            let has_section = named["properties"].is_object() || named["oneOf"][0]["properties"].is_object();
            return if has_section { format!("[{name}](#{})", name.to_lowercase()) } else { self.shape(named) };
        }
        if let Some(shapes) = one_of {
            let shapes = shapes.iter().filter(|shape| shape["type"] != "null").map(|shape| self.shape(shape));
            return shapes.collect::<Vec<_>>().join(", ");
        }
        match (schema["const"].as_str(), schema["type"].as_str().or_else(|| schema["type"][0].as_str()).unwrap()) {
            (Some(word), _) => format!("`{word}`"),
            (None, "string") => {
                let length = bounds("minLength", "maxLength");
                let length = if length.is_empty() { length } else { format!(" of {length} characters") };
                let pattern = schema["pattern"].as_str().map(|p| format!(" like `{p}`")).unwrap_or_default();
                let format = schema["format"].as_str().map(|f| format!(" ({f})")).unwrap_or_default();
                format!("string{format}{length}{pattern}")
            }
            (None, "array") => format!("{} of {}", bounds("minItems", "maxItems"), self.shape(&schema["items"])),
            (None, other) => format!("{other} {}", bounds("minimum", "maximum")).trim().to_owned(),
        }
    }
}

fn words(description: &Value) -> String {
    description.as_str().unwrap_or_default().replace('\n', " ").replace('|', "\\|")
}
