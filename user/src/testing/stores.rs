//! The stores under test, in a core of their own.

use std::{
    any::Any,
    sync::{Arc, Mutex, PoisonError},
};

use dullahan_core::{
    BoxFuture, BuildError, Context, Core, DefaultAction, Error, Listener, Module, Process, Result,
};

use crate::port::{
    AttemptRepository, EmailChangeRepository, MailQueue, SessionRepository, TokenRepository,
    UserRepository,
};

/// The stores under test, in a core of their own.
#[derive(Clone)]
pub struct Stores {
    core: Core,
    /// Users.
    pub users: Arc<dyn UserRepository>,
    /// Sessions.
    pub sessions: Arc<dyn SessionRepository>,
    /// One-time tokens.
    pub tokens: Arc<dyn TokenRepository>,
    /// Changes of addresses.
    pub email_changes: Arc<dyn EmailChangeRepository>,
    /// Owed mails, and requests for some.
    pub mails: Arc<dyn MailQueue>,
    /// Counts of tries.
    pub attempts: Arc<dyn AttemptRepository>,
    kept: Vec<Arc<dyn Any + Send + Sync>>,
}

impl Stores {
    /// The stores that a module provides, and its units of work.
    ///
    /// # Errors
    ///
    /// When the module provides no unit of work, or not every store.
    pub fn new(module: impl Module) -> Result<Self, BuildError> {
        let core = Core::builder().module(module).module(acting).build()?;
        let services = core.services();
        Ok(Self {
            users: services.get().expect("`acting` asks for it"),
            sessions: services.get().expect("`acting` asks for it"),
            tokens: services.get().expect("`acting` asks for it"),
            email_changes: services.get().expect("`acting` asks for it"),
            mails: services.get().expect("`acting` asks for it"),
            attempts: services.get().expect("`acting` asks for it"),
            core,
            kept: Vec::new(),
        })
    }

    /// Keeps something as long as the stores, such as the folder that they are in.
    #[must_use]
    pub fn keeping(mut self, thing: impl Send + Sync + 'static) -> Self {
        self.kept.push(Arc::new(thing));
        self
    }

    /// Runs some steps as one process, and gives what they gave.
    ///
    /// # Errors
    ///
    /// Whatever error ended the steps or the commit.
    pub async fn process<T, F>(&self, steps: F) -> Result<T>
    where
        T: Send + 'static,
        F: for<'a> FnOnce(&'a Stores, &'a Context) -> BoxFuture<'a, Result<T>> + Send + 'static,
    {
        let output = Arc::new(Mutex::new(None));
        let act = Act(Mutex::new(Some(Box::new({
            let (output, stores) = (Arc::clone(&output), self.clone());
            move |context| {
                Box::pin(async move {
                    let value = steps(&stores, context).await?;
                    *output.lock().unwrap_or_else(PoisonError::into_inner) = Some(value);
                    Ok(())
                })
            }
        }))));
        self.core.dispatch(&Context::new(), act).await?;
        let value = output.lock().unwrap_or_else(PoisonError::into_inner).take();
        Ok(value.expect("a process that succeeded has run its steps"))
    }

    /// Runs some steps as one process and then rolls it back.
    pub(super) async fn rolled_back<F>(&self, steps: F)
    where
        F: for<'a> FnOnce(&'a Stores, &'a Context) -> BoxFuture<'a, Result<()>> + Send + 'static,
    {
        let failed = self.process::<(), _>(|stores, context| {
            Box::pin(async move {
                steps(stores, context).await.unwrap();
                Err(Error::internal("on purpose"))
            })
        });
        assert!(failed.await.unwrap_err().to_string().contains("on purpose"));
    }
}

impl std::fmt::Debug for Stores {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Stores").finish_non_exhaustive()
    }
}

type Steps = Box<dyn for<'a> FnOnce(&'a Context) -> BoxFuture<'a, Result<()>> + Send>;

/// A process that does what it is told.
#[derive(Process)]
#[event(output = ())]
struct Act(Mutex<Option<Steps>>);

/// Runs the steps; it asks for the stores so that a core without one of them is not built.
struct Run;

impl Run {
    fn new(
        _: Arc<dyn UserRepository>,
        _: Arc<dyn SessionRepository>,
        _: Arc<dyn TokenRepository>,
        _: Arc<dyn EmailChangeRepository>,
        _: Arc<dyn MailQueue>,
        _: Arc<dyn AttemptRepository>,
    ) -> Self {
        Self
    }
}

impl Listener<DefaultAction<'_, Act>> for Run {
    async fn call(&self, ev: DefaultAction<'_, Act>) -> Result<()> {
        let steps = ev.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        steps.expect("a process runs once")(ev.context()).await
    }
}

fn acting(core: &mut dullahan_core::CoreBuilder) {
    core.declare::<Act>().default(Run::new);
}
