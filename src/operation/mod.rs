//! What an operation is: the one declaration that every door is made from.
use crate::{
    Error, Result,
    access::{AuthCtx, Called, OrgDb},
    api::codes,
    error::Constraint,
    id::ApprovalId,
    policy::{Action, Permission},
    stream::Stream,
    time::Timestamp,
};
use futures_util::future::LocalBoxFuture;
use http::Method;
use schemars::JsonSchema;
#[cfg(not(target_arch = "wasm32"))]
use schemars::{Schema, SchemaGenerator};
use serde::Serialize;
use serde_json::Value;

pub mod input;
#[cfg(not(target_arch = "wasm32"))]
pub mod openapi;
pub mod page;
pub mod tagged;
mod told;
pub mod upload;

pub use told::Told;

/// What an operation does to the organization's rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Nothing.
    Read,
    /// It makes or changes rows.
    Write,
    /// It removes rows.
    Destructive,
}

impl Effect {
    /// The word, as the OpenAPI document has it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Destructive => "destructive",
        }
    }
}

/// What an operation answers.
pub trait Output: Serialize + JsonSchema {
    /// The version of the row that it shows.
    fn version(&self) -> Option<Timestamp> {
        None
    }

    /// The media types that it is written in.
    const MEDIA: &'static [&'static str] = &[JSON];

    /// Writes it.
    ///
    /// # Errors
    /// `Internal` if it cannot be written, which is a bug.
    fn into_answer(self) -> Result<Answer>
    where
        Self: Sized,
    {
        let body = serde_json::to_vec(&self).map_err(Error::internal)?;
        Ok(Answer { media: JSON, file: None, body, rest: None, tag: self.tag() })
    }

    /// What tells it from an earlier answer to the same question: REST's `ETag`. Weak where two answers with the same tag
    /// may differ in what does not matter.
    fn tag(&self) -> Option<String> {
        self.version().map(|version| format!("\"{version}\""))
    }
}

const JSON: &str = "application/json";

/// A row that is gone.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Deleted{Id}")]
pub struct Deleted<Id> {
    /// Its id.
    pub id: Id,
    /// Always true.
    pub deleted: bool,
}

impl<Id> Deleted<Id> {
    /// The row of that id.
    pub const fn of(id: Id) -> Self {
        Self { id, deleted: true }
    }
}

impl<Id: Serialize + JsonSchema> Output for Deleted<Id> {}

/// An operation's answer, written.
pub struct Answer {
    /// Its media type.
    pub media: &'static str,
    /// What a file that holds it would be called, if it is to be one.
    pub file: Option<String>,
    /// It, or how it begins.
    pub body: Vec<u8>,
    /// How it goes on, if it is long.
    pub rest: Option<Stream>,
    /// [`Output::tag`].
    pub tag: Option<String>,
}

/// What an operation is given.
pub struct Input {
    /// Its fields.
    pub fields: Value,
    /// Rows beside them, for an operation that takes some.
    pub rows: Option<upload::Upload>,
}

impl From<Value> for Input {
    fn from(fields: Value) -> Self {
        Self { fields, rows: None }
    }
}

impl Answer {
    /// It as JSON, for a door that takes nothing else: of a text, how it begins.
    #[must_use]
    pub fn into_json(self) -> Vec<u8> {
        if self.media == JSON {
            return self.body;
        }
        let text = String::from_utf8_lossy(&self.body);
        serde_json::json!({ "text": text, "truncated": self.rest.is_some() }).to_string().into_bytes()
    }
}

/// An input by which data of the organization may come to be sent somewhere.
pub trait Sends {
    /// Whether it says what is sent, to whom, when, or with whose rights.
    fn sends(&self) -> bool;
}

type Run = for<'a> fn(&'a AuthCtx, Option<OrgDb<'a>>, Input) -> LocalBoxFuture<'a, Result<Answer>>;

/// One operation.
pub struct Operation {
    /// `[a-z0-9_]{1,64}`: the OpenAPI `operationId`, and the tool's name.
    pub name: &'static str,
    /// The doc comment: the tool's manual.
    pub doc: &'static str,
    /// REST's method.
    pub method: Method,
    /// REST's path, with `{field}` for fields of the input.
    pub path: &'static str,
    /// What the caller's roles must grant. `None`: being a member is enough, and no rows are reached.
    pub permission: Option<Permission>,
    /// Whether rows may come with the input.
    pub takes_rows: bool,
    /// The input's JSON schema. Not in the Worker: it serves `docs/openapi.json`, which a test makes from these.
    #[cfg(not(target_arch = "wasm32"))]
    pub input: fn(&mut SchemaGenerator) -> Schema,
    /// The output's JSON schema.
    #[cfg(not(target_arch = "wasm32"))]
    pub output: fn(&mut SchemaGenerator) -> Schema,
    /// The output's media types.
    #[cfg(not(target_arch = "wasm32"))]
    pub media: &'static [&'static str],
    /// Whether it takes that input, as far as can be told without running it.
    pub check: fn(Value) -> Result<()>,
    /// Of an operation that may say where data is sent: whether it does with that input ([`Sends`]).
    pub sends: Option<fn(Value) -> Result<bool>>,
    /// Runs it; called through [`Operation::call`] only, which asks for the permission.
    #[doc(hidden)]
    pub run: Run,
}

impl Operation {
    /// Asks for the permission, then for the input, and runs it. Every door comes through here, and what the caller may
    /// not do is refused before anything that he sent is read. What it changes is in the audit log, and so is its refusal.
    ///
    /// # Errors
    /// `Forbidden`; those of `input`; `Invalid` naming the field; and the operation's own.
    pub async fn call(&self, cx: &AuthCtx, input: impl FnOnce() -> Result<Input>) -> Result<Answer> {
        let unapproved = || {
            let input = input()?;
            if self.needs_approval(cx, &input.fields)? {
                return Err(Error::internal(format!("{} was called for a model, and no person was asked", self.name)));
            }
            Ok(input)
        };
        self.call_as(Called::unread(self.name), cx, unapproved).await
    }

    /// The same, for a model, by that approval: it is used up with what it does, or not at all. `approval` gives one only
    /// to a call with the very arguments that were approved.
    ///
    /// # Errors
    /// As [`Operation::call`]; a broken unique key if it has been used meanwhile.
    pub async fn call_approved(&self, cx: &AuthCtx, arguments: Value, approval: &ApprovalId) -> Result<Answer> {
        self.call_as(Called::unread(self.name).approved_by(approval), cx, || Ok(arguments.into())).await
    }

    /// Whether a person must approve what the caller calls: what a model calls that destroys, or says where data is sent.
    ///
    /// # Errors
    /// `Invalid` for arguments that cannot be read, if they decide.
    pub fn needs_approval(&self, cx: &AuthCtx, arguments: &Value) -> Result<bool> {
        match self.sends {
            _ if !cx.door().is_models() => Ok(false),
            _ if self.effect() == Effect::Destructive => Ok(true),
            Some(sends) => sends(arguments.clone()),
            None => Ok(false),
        }
    }

    /// Runs it, and notes a refusal.
    async fn call_as(&self, mut called: Called, cx: &AuthCtx, input: impl FnOnce() -> Result<Input>) -> Result<Answer> {
        let answered = self.run_as(&mut called, cx, input).await;
        if let Err(error) = &answered
            && error.is_denial()
        {
            cx.note_denial(&called.refused(codes::of(error).1)).await;
        }
        answered
    }

    async fn run_as(&self, called: &mut Called, cx: &AuthCtx, input: impl FnOnce() -> Result<Input>) -> Result<Answer> {
        let db = self.permission.map(|permission| cx.authorize(permission)).transpose()?;
        let input = input()?;
        *called = called.clone().with(&input.fields);
        (self.run)(cx, db.map(|db| db.serving(called.clone())), input).await
    }

    /// Whether the caller's roles grant it.
    #[must_use]
    pub fn is_granted(&self, cx: &AuthCtx) -> bool {
        self.permission.is_none_or(|permission| cx.authorize(permission).is_ok())
    }

    /// What it does to rows.
    #[must_use]
    pub fn effect(&self) -> Effect {
        match self.permission.map(|p| p.action) {
            None | Some(Action::Read | Action::Query) => Effect::Read,
            Some(Action::Delete | Action::DeleteOwn) => Effect::Destructive,
            Some(_) => Effect::Write,
        }
    }
}

/// Of what a caller writes, every row refers to his organization and to himself. If no other foreign key of it can have
/// broken, one of the two was deleted since the gate.
#[must_use]
pub fn caller_is_gone(error: Error) -> Error {
    match error {
        Error::Constraint(Constraint::ForeignKey) => Error::NotAMember,
        other => other,
    }
}

/// Declares a feature's operations, one a line after its manual:
/// `name METHOD "path" [Action Resource] function: Input => Output;`, or `member` in place of action and resource for one
/// that needs a membership alone and reaches no rows. With `[Action Resource, rows]` the function is given what rows come
/// with the input, too. With `[Action Resource, sends]` the input is [`Sends`], and what a model sends so a person approves.
#[macro_export]
macro_rules! operations {
    (@permission member) => { None };
    (@permission $action:ident $resource:ident) => {
        Some($crate::policy::Permission {
            resource: $crate::policy::Resource::$resource,
            action: $crate::policy::Action::$action,
        })
    };
    (@takes_rows) => { false };
    (@takes_rows rows) => { true };
    (@takes_rows sends) => { false };
    (@sends $input:ty, sends) => {
        Some(|fields| $crate::operation::input::read::<$input>(fields).map(|input| $crate::operation::Sends::sends(&input)))
    };
    (@sends $input:ty, $($rows:ident)?) => { None };
    (@run_as rows, $($permission:ident)+, $function:path, $input:ty, $output:ty) => {
        $crate::operations!(@run rows $function, $input, $output)
    };
    (@run_as $(sends)?, $($permission:ident)+, $function:path, $input:ty, $output:ty) => {
        $crate::operations!(@run $($permission)+ $function, $input, $output)
    };
    (@run member $function:path, $input:ty, $output:ty) => {
        |cx, _, input| Box::pin(async move {
            let output: $output = $function(cx, $crate::operation::input::read::<$input>(input.fields)?).await?;
            $crate::operation::Output::into_answer(output)
        })
    };
    (@run rows $function:path, $input:ty, $output:ty) => {
        |cx, db, input| Box::pin(async move {
            let db = db.ok_or_else(|| $crate::Error::internal("an operation without its permission"))?;
            let fields = $crate::operation::input::read::<$input>(input.fields)?;
            let output: $output = $function(cx, &db, fields, input.rows).await?;
            $crate::operation::Output::into_answer(output)
        })
    };
    (@run $action:ident $resource:ident $function:path, $input:ty, $output:ty) => {
        |cx, db, input| Box::pin(async move {
            // `Operation::call` hands over the rows of every operation that names a permission.
            let db = db.ok_or_else(|| $crate::Error::internal("an operation without its permission"))?;
            let output: $output = $function(cx, &db, $crate::operation::input::read::<$input>(input.fields)?).await?;
            $crate::operation::Output::into_answer(output)
        })
    };
    ($(
        $(#[doc = $doc:literal])+
        $name:ident $method:ident $path:literal [$($permission:ident)+ $(, $more:ident)?] $function:path: $input:ty => $output:ty;
    )+) => {
        /// This feature's operations.
        pub const OPERATIONS: &[$crate::operation::Operation] = &[$($crate::operation::Operation {
            name: stringify!($name),
            doc: concat!($($doc, "\n"),+),
            method: http::Method::$method,
            path: $path,
            permission: $crate::operations!(@permission $($permission)+),
            #[cfg(not(target_arch = "wasm32"))]
            input: |schemas| schemas.subschema_for::<$input>(),
            #[cfg(not(target_arch = "wasm32"))]
            output: |schemas| schemas.subschema_for::<$output>(),
            #[cfg(not(target_arch = "wasm32"))]
            media: <$output as $crate::operation::Output>::MEDIA,
            takes_rows: $crate::operations!(@takes_rows $($more)?),
            check: |fields| $crate::operation::input::read::<$input>(fields).map(drop),
            sends: $crate::operations!(@sends $input, $($more)?),
            run: $crate::operations!(@run_as $($more)?, $($permission)+, $function, $input, $output),
        }),+];
    };
}
