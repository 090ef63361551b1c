//! A saga of two processes, of which the second one fails.

use std::sync::Arc;

use dullahan_core::{
    Context, Core, DefaultAction, Error, ErrorKind, Inject, Process, Result, Saga,
};

use crate::memory_store::MemoryStore;

#[derive(Saga)]
struct BookTripSaga;

#[derive(Process)]
struct BookFlightProcess;

#[derive(Process)]
struct CancelFlightProcess;

#[derive(Process)]
struct BookHotelProcess;

async fn book_trip(mut ev: DefaultAction<'_, BookTripSaga>) -> Result<()> {
    ev.dispatch(BookFlightProcess).await?;
    ev.dispatch(BookHotelProcess).await
}

async fn book_flight(
    mut ev: DefaultAction<'_, BookFlightProcess>,
    store: Inject<'_, MemoryStore>,
) -> Result<()> {
    store.put(ev.context(), "flight", "booked").await?;
    ev.compensate_with(CancelFlightProcess);
    Ok(())
}

async fn cancel_flight(
    ev: DefaultAction<'_, CancelFlightProcess>,
    store: Inject<'_, MemoryStore>,
) -> Result<()> {
    store.put(ev.context(), "flight", "cancelled").await
}

fn book_hotel(_: DefaultAction<'_, BookHotelProcess>) -> Result<()> {
    Err(Error::new(ErrorKind::Conflict).with_code("fully_booked"))
}

#[tokio::test]
async fn a_saga_that_fails_is_compensated() -> Result<(), Box<dyn std::error::Error>> {
    let store = Arc::new(MemoryStore::default());
    let mut core = Core::builder();
    core.units_of_work(store.clone()).provide(store.clone());
    core.declare::<BookTripSaga>().default(book_trip);
    core.declare::<BookFlightProcess>().default(book_flight);
    core.declare::<CancelFlightProcess>().default(cancel_flight);
    core.declare::<BookHotelProcess>().default(book_hotel);
    let core = core.build()?;

    let error = core.run(BookTripSaga).await.unwrap_err();
    assert_eq!(error.code(), "fully_booked");

    let flight = store.get(&Context::new(), "flight").await?;
    assert_eq!(flight.as_deref(), Some("cancelled"));
    Ok(())
}
