/** What losses and labellings are called in tables and figures. */
import type { Labelling, Loss } from './runs.js'

export const LOSS_NAMES: Record<Loss, string> = { I: 'I', BI: 'BI', I_eps: 'I_ε' }
export const LABELLING_NAMES: Record<Labelling, string> = { full: 'Full', partial: 'Partial' }
