import type { AppError } from '../base/errors.ts';

export function takeOverScheduling(_v86: object, _onFailure: (error: AppError) => void): void {}
