use dullahan_core::{
    CoreBuilder, DefaultAction, Error, Event, Inject, ListenerOptions as _, Process, Result, Saga,
};
use dullahan_core_testing::MemoryStore;

/// Somebody orders something, and is told the price.
#[derive(Saga)]
#[event(output = u32)]
pub struct OrderSaga {
    pub item: &'static str,
}

/// What an item costs, asked of another service.
#[derive(Event)]
#[event(output = u32, preventable)]
pub struct AskPrice {
    pub item: &'static str,
}

/// The order is stored, and with it the bill.
#[derive(Process)]
#[event(preventable)]
pub struct StoreOrderProcess {
    pub item: &'static str,
    pub price: u32,
}

/// A bill is written.
#[derive(Event)]
#[event(preventable)]
pub struct WriteBill {
    pub price: u32,
}

async fn order(mut ev: DefaultAction<'_, OrderSaga>) -> Result<u32> {
    let item = ev.item;
    let price = ev.dispatch(AskPrice { item }).await?;
    ev.dispatch(StoreOrderProcess { item, price }).await?;
    Ok(price)
}

fn ask_price(_: DefaultAction<'_, AskPrice>) -> Result<u32> {
    Err(Error::unavailable("there is no such service in a test"))
}

async fn store_order(
    mut ev: DefaultAction<'_, StoreOrderProcess>,
    store: Inject<'_, MemoryStore>,
) -> Result<()> {
    let price = ev.price;
    store.put(ev.context(), "order", ev.item).await?;
    ev.dispatch(WriteBill { price }).await
}

async fn write_bill(
    ev: DefaultAction<'_, WriteBill>,
    store: Inject<'_, MemoryStore>,
) -> Result<()> {
    store.put(ev.context(), "bill", ev.price.to_string()).await
}

/// The module.
pub fn shop(core: &mut CoreBuilder) {
    core.declare::<OrderSaga>().default(order.named("order"));
    core.declare::<AskPrice>().default(ask_price.named("ask_price"));
    core.declare::<StoreOrderProcess>().default(store_order.named("store_order"));
    core.declare::<WriteBill>().default(write_bill.named("write_bill"));
}
